import { describe, expect, it } from "vitest";
import { instancesOf } from "../../../simulator/ec2/serves.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const url = "https://shop.example.com/healthz";
const get = ({ context }: Simulated, connect: string | null = null) =>
  context.net.http({ url, connect, timeoutSeconds: 3 });

describe("a simulated HTTP request", () => {
  it("a simulated HTTP request is answered at the primary address, by name and by connect, while one server serves", async () => {
    const answers = await simulated({ traffic: true }, async (live) => {
      const good = [await get(live), await get(live, "192.0.2.10")];
      for (const instance of instancesOf(live.world, "eu-west-1", "web")) instance.state = "stopped";
      return [...good, await get(live)];
    });
    expect(answers.map((answer) => "status" in answer && answer.status)).toEqual([200, 200, 503]);
  });

  it("gets no answer from a dark Region until its timeout", async () => {
    const faults: Fault[] = [{ fault: "region-down", region: "eu-west-1", from: 0, until: 60_000 }];
    const [answer, seconds, after] = await simulated({ traffic: true, faults }, async (live) => {
      const from = live.world.now();
      const silent = await get(live);
      const took = (live.world.now() - from) / 1_000;
      await live.advance(60);
      return [silent, took, await get(live)];
    });
    expect(answer).toEqual({ error: "ETIMEDOUT" });
    expect(seconds).toBeGreaterThanOrEqual(3);
    expect(seconds).toBeLessThan(3.5);
    expect(after).toMatchObject({ status: 200 });
  });

  it("gets no answer over a cut link, while users are served", async () => {
    const link = { fault: "link-down", caller: "eu-central-1", callee: "eu-west-1", from: 0, until: 60_000 } as const;
    const ask = (from?: string) =>
      simulated({ traffic: true, faults: [link], ...(from && { from }) }, async (live) => {
        const during = await get(live);
        await live.advance(60);
        return [during, await get(live)];
      });
    expect(await ask("eu-central-1")).toEqual([{ error: "ETIMEDOUT" }, { status: 200, body: "ok" }]);
    expect(await ask("us-east-1")).toEqual([
      { status: 200, body: "ok" },
      { status: 200, body: "ok" },
    ]);
    expect(await ask()).toEqual(await ask("us-east-1"));
  });

  it("reaches a server by its Elastic IP, once it serves", async () => {
    const answers = await simulated({ traffic: true }, async (live) => {
      const { addresses, instances } = ec2Of(live.world, "eu-west-1");
      const [server] = instances.values();
      const address = { id: "eipalloc-1", serial: 1, visibleAt: 0, tags: [], association: "eipassoc-1" };
      addresses.set(address.id, { ...address, publicAddress: "203.0.113.7", instance: server!.id });
      const good = await get(live, "203.0.113.7");
      server!.state = "stopped";
      return [good, await get(live, "203.0.113.7")];
    });
    expect(answers).toEqual([{ status: 200, body: "ok" }, { error: "ECONNREFUSED" }]);
  });

  it("to an address of nobody, or a name of nobody, gets none", async () => {
    const answers = await simulated({ traffic: true }, async (live) => [
      await get(live, "203.0.113.200"),
      await live.context.net.http({ url: "http://nobody.example.com/", connect: null, timeoutSeconds: 1 }),
    ]);
    expect(answers).toEqual([{ error: "ETIMEDOUT" }, { error: "ENOTFOUND" }]);
  });

  it.each([
    ["unhealthy", { status: 503, body: "" }],
    ["healthy", { status: 200, body: "ok" }],
    ["cannot-tell", { error: "EAI_AGAIN" }],
  ] as const)(
    "a simulated HTTP request of a witness that a scenario makes %s is forced; another address is not",
    async (state, expected) => {
      const faults: Fault[] = [{ fault: "witness", name: "canary", state, from: 0, until: 60_000 }];
      const answers = await simulated({ traffic: true, faults }, async (live) => [
        await get(live, "192.0.2.10"),
        await get(live, null),
      ]);
      expect(answers).toEqual([expected, { status: 200, body: "ok" }]);
    },
  );

  it("reaches the recovery of a plan without servers, a warm standby", async () => {
    const plan = aPlan({ protect: [], recover: { ...aPlan().recover, waves: [] } });
    const answer = await simulated({ plan, traffic: true }, (live) => get(live, "198.51.100.10"));
    expect(answer).toMatchObject({ status: 200 });
  });
});
