import { describe, expect, it } from "vitest";
import { putTakeover } from "../../../functions/aws/takeover.ts";
import type { Plan } from "../../../functions/core/model/plan.ts";
import { publicResolvers, zonesAbove } from "../../../functions/core/traffic/dns.ts";
import { answersNow, dnsTimeline, switchDurations } from "../../../simulator/network/traffic.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const name = "shop.example.com";
const [primary, recovery] = ["192.0.2.10", "198.51.100.10"];
const resolve = (live: Simulated, question: { name?: string; type?: "A" | "AAAA" | "NS"; server?: string | null }) =>
  live.context.net.resolve({ name, type: "A", server: null, timeoutSeconds: 2, ...question });

/** Publishes the switch each minute, as detect does. */
const heartbeat = (live: Simulated, value: () => 0 | 1) => {
  const beat = () => {
    void putTakeover(live.clients, "eu-central-1", "shop", value()).catch(() => undefined);
    live.world.after(60, beat);
  };
  beat();
};

const nameServers = async (live: Simulated) => {
  for (const zone of zonesAbove(name)) {
    const answer = await resolve(live, { name: zone, type: "NS" });
    if (!("values" in answer)) continue;
    const found = await Promise.all(answer.values.map((server) => resolve(live, { name: server })));
    return found.flatMap((one) => ("values" in one ? one.values : []));
  }
  return [];
};

describe("the simulated DNS", () => {
  it("answers the primary at every name server and resolver while nothing has happened", async () => {
    const answers = await simulated({ traffic: true }, async (live) => {
      const servers = [...(await nameServers(live)), ...publicResolvers, null];
      return Promise.all(servers.map((server) => resolve(live, { server })));
    });
    expect(answers).toEqual(Array.from({ length: 7 }, () => ({ values: [primary] })));
  });

  it("the simulated DNS says ENODATA for a type that a name has not, ENOTFOUND for no name, ETIMEOUT for no server", async () => {
    const answers = await simulated({ traffic: true }, async (live) => [
      await resolve(live, { type: "AAAA" }),
      await resolve(live, { name: "nobody.example.com" }),
      await resolve(live, { name: "example.com" }),
      await resolve(live, { name: "elsewhere.org" }),
      await resolve(live, { server: "203.0.113.53" }),
      await resolve(live, { server: (await nameServers(live))[0]!, name: "elsewhere.org" }),
    ]);
    const codes = ["ENODATA", "ENOTFOUND", "ENODATA", "ENOTFOUND", "ETIMEOUT", "EREFUSED"];
    expect(answers).toEqual(codes.map((error) => ({ error })));
  });

  it("moves to the recovery after the takeover, within AWS's own drawn times, and stays when the metric ends", async () => {
    const [before, after, muchLater, timeline] = await simulated({ traffic: true }, async (live) => {
      await putTakeover(live.clients, "eu-central-1", "shop", 0);
      await live.advance(120);
      const known = answersNow(live.world, name);
      await putTakeover(live.clients, "eu-central-1", "shop", 1);
      const { alarmSeconds, healthCheckSeconds, propagationSeconds, ttlSeconds } = switchDurations(live.world, aPlan());
      await live.advance(alarmSeconds + healthCheckSeconds + propagationSeconds + 0.1);
      const moved = answersNow(live.world, name);
      await live.advance(ttlSeconds);
      const cached = await Promise.all(publicResolvers.map((server) => resolve(live, { server })));
      await live.advance(7_200);
      return [known, [moved, ...cached], answersNow(live.world, name), dnsTimeline(live.world)];
    });
    expect(before).toEqual([primary]);
    expect(after).toEqual([[recovery], { values: [recovery] }, { values: [recovery] }]);
    expect(muchLater).toEqual([recovery]);
    const told = timeline.map(({ values }) => values.join());
    expect([told[0], told.at(-1)]).toEqual([primary, recovery]);
  });

  it("the simulated DNS leaves traffic where it is while the recovery Region is dark, before a takeover and after one", async () => {
    for (const value of [0, 1] as const) {
      const dark: Fault = { fault: "region-down", region: "eu-central-1", from: 600_000, until: 7_800_000 };
      const [before, after] = await simulated({ traffic: true, faults: [dark] }, async (live) => {
        heartbeat(live, () => value);
        await live.advance(600);
        const known = answersNow(live.world, name);
        await live.advance(7_000);
        return [known, answersNow(live.world, name)];
      });
      expect(before).toEqual([value ? recovery : primary]);
      expect(after).toEqual(before);
    }
  });

  it("the simulated DNS needs no control plane of us-east-1 for the takeover", async () => {
    const dark: Fault = { fault: "region-down", region: "us-east-1", from: 0, until: Number.POSITIVE_INFINITY };
    const values = await simulated({ traffic: true, faults: [dark] }, async (live) => {
      await putTakeover(live.clients, "eu-central-1", "shop", 1);
      await live.advance(300);
      return answersNow(live.world, name);
    });
    expect(values).toEqual([recovery]);
  });

  it("resolves an alias to the addresses of its load balancer", async () => {
    const alias = { zone: "Z215JYRZR1TBD5", name: "web.eu-central-1.elb.amazonaws.com" };
    const plan: Plan = aPlan();
    plan.traffic!.records[0]!.recovery = { alias };
    const [direct, moved] = await simulated({ plan, traffic: true }, async (live) => {
      await putTakeover(live.clients, "eu-central-1", "shop", 1);
      await live.advance(300);
      return [await resolve(live, { name: alias.name }), await resolve(live, {})];
    });
    expect(direct).toEqual({
      values: [expect.stringMatching(/^198\.51\.100\./), expect.stringMatching(/^198\.51\.100\./)],
    });
    expect(moved).toEqual(direct);
  });

  it("follows a CNAME for the users, and leaves that to them at a name server", async () => {
    const plan: Plan = aPlan();
    const alias = { zone: "Z215JYRZR1TBD5", name: "web.eu-central-1.elb.amazonaws.com" };
    const [record] = plan.traffic!.records;
    plan.traffic!.records.push({ ...record!, name: "balanced.example.com", recovery: { alias } });
    Object.assign(record!, { type: "CNAME", policy: "simple", primary: { addresses: [alias.name] } });
    const [followed, told, left] = await simulated({ plan, traffic: true }, async (live) => {
      const [server = ""] = await nameServers(live);
      return [
        await resolve(live, {}),
        await live.context.net.resolve({ name, type: "CNAME", server, timeoutSeconds: 2 }),
        await resolve(live, { server }),
      ];
    });
    expect(followed).toEqual({ values: [expect.stringMatching(/^198/), expect.stringMatching(/^198/)] });
    expect(told).toEqual({ values: [alias.name] });
    expect(left).toEqual({ error: "ENODATA" });
  });

  it("repeats itself with the same seed, and draws anew with another", async () => {
    const timeline = (seed: number) =>
      simulated({ seed, traffic: true }, async (live) => {
        await putTakeover(live.clients, "eu-central-1", "shop", 1);
        await live.advance(300);
        return JSON.stringify([dnsTimeline(live.world), switchDurations(live.world, aPlan())]);
      });
    expect(await timeline(7)).toBe(await timeline(7));
    expect(await timeline(8)).not.toBe(await timeline(7));
  });
});
