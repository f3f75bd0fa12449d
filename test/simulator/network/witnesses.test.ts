import { describe, expect, it } from "vitest";
import { alarmStates } from "../../../functions/aws/alarms.ts";
import type { Plan } from "../../../functions/core/model/plan.ts";
import { instancesOf } from "../../../simulator/ec2/serves.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const watched = (region: string): Plan => {
  const plan = aPlan();
  plan.detect.witnesses.push({ name: "errors", kind: "alarm", alarm: "shop-5xx", region });
  return plan;
};
const stateOf = async ({ clients }: Simulated, region: string) =>
  (await alarmStates(clients, region, ["shop-5xx"]))["shop-5xx"]?.state;

describe("a witness alarm", () => {
  it("a witness alarm is OK while users are served, and ALARM soon after the servers stop", async () => {
    const states = await simulated({ plan: watched("eu-west-1"), traffic: true }, async (live) => {
      await live.advance(180);
      const before = await stateOf(live, "eu-west-1");
      for (const instance of instancesOf(live.world, "eu-west-1", "web")) instance.state = "stopped";
      await live.advance(150);
      return [before, await stateOf(live, "eu-west-1")];
    });
    expect(states).toEqual(["OK", "ALARM"]);
  });

  it("in another Region sees the primary go dark", async () => {
    const faults: Fault[] = [{ fault: "region-down", region: "eu-west-1", from: 180_000, until: 900_000 }];
    const states = await simulated({ plan: watched("us-east-1"), traffic: true, faults }, async (live) => {
      await live.advance(180);
      const before = await stateOf(live, "us-east-1");
      await live.advance(150);
      return [before, await stateOf(live, "us-east-1")];
    });
    expect(states).toEqual(["OK", "ALARM"]);
  });

  it("in the dark Region says nothing, and tells no event bus", async () => {
    const faults: Fault[] = [{ fault: "region-down", region: "eu-west-1", from: 180_000, until: 900_000 }];
    const events = await simulated({ plan: watched("eu-west-1"), traffic: true, faults }, async (live) => {
      await live.advance(180);
      const seen: unknown[] = [];
      live.world.onEvent((event) => seen.push(event));
      await live.advance(600);
      return seen;
    });
    expect(events).toEqual([]);
  });

  it.each([
    ["unhealthy", "ALARM"],
    ["healthy", "OK"],
    ["cannot-tell", "INSUFFICIENT_DATA"],
  ] as const)("a witness alarm that a scenario makes %s is %s", async (state, expected) => {
    const faults: Fault[] = [{ fault: "witness", name: "errors", state, from: 0, until: 900_000 }];
    const seen = await simulated({ plan: watched("eu-west-1"), traffic: true, faults }, async (live) => {
      await live.advance(240);
      return stateOf(live, "eu-west-1");
    });
    expect(seen).toBe(expected);
  });
});

describe("a witness health check", () => {
  const text = "_lifeboat-shop.shop.example.com";
  const zone = "Z0123456789ABCDEFGHIJ";
  const checked = () => {
    const plan = aPlan();
    plan.detect.witnesses.push({ name: "check", kind: "healthCheck", healthCheck: "check-1", text, zone });
    return plan;
  };
  const word = ({ context }: Simulated) =>
    context.net.resolve({ name: text, type: "TXT", server: null, timeoutSeconds: 2 });
  const nudge = async ({ clients }: Simulated) =>
    (await alarmStates(clients, "us-east-1", ["lifeboat-check-shop-check"]))["lifeboat-check-shop-check"]?.state;

  it("tells by its TXT pair whether the primary answers, and by its alarm in us-east-1", async () => {
    const faults: Fault[] = [{ fault: "region-down", region: "eu-west-1", from: 180_000, until: 900_000 }];
    const seen = await simulated({ plan: checked(), traffic: true, faults }, async (live) => {
      await live.advance(170);
      const before = [await word(live), await nudge(live)];
      await live.advance(160);
      return [...before, await word(live), await nudge(live)];
    });
    expect(seen).toEqual([{ values: ["healthy"] }, "OK", { values: ["unhealthy"] }, "ALARM"]);
  });

  it.each([
    ["healthy", { values: ["healthy"] }],
    ["unhealthy", { values: ["unhealthy"] }],
    ["cannot-tell", { error: "ETIMEOUT" }],
  ] as const)("a witness health check that a scenario makes %s says so", async (state, answer) => {
    const faults: Fault[] = [{ fault: "witness", name: "check", state, from: 0, until: 900_000 }];
    const seen = await simulated({ plan: checked(), traffic: true, faults }, async (live) => {
      await live.advance(120);
      return word(live);
    });
    expect(seen).toEqual(answer);
  });
});

describe("a probe that a scenario forces", () => {
  const url = "tcp://db.example.com:5432";
  const probe = { name: "db", kind: "probe" as const, url, connect: "192.0.2.10", side: "primary" as const };
  const probed = () => {
    const plan = aPlan();
    plan.detect.witnesses.push({ ...probe, expect: [], contains: null, from: null });
    return plan;
  };

  it.each([
    ["healthy", { open: true }],
    ["unhealthy", { error: "ECONNREFUSED" }],
    ["cannot-tell", { error: "EAI_AGAIN" }],
  ] as const)("to be %s over TCP is so", async (state, answer) => {
    const faults: Fault[] = [{ fault: "witness", name: "db", state, from: 0, until: 900_000 }];
    const seen = await simulated({ plan: probed(), traffic: true, faults }, ({ context }) =>
      Promise.all([
        context.net.tcp({ host: "192.0.2.10", port: 5432, timeoutSeconds: 2 }),
        context.net.tcp({ host: "192.0.2.10", port: 80, timeoutSeconds: 2 }),
      ]),
    );
    expect(seen).toEqual([answer, { open: true }]);
  });

  it("answers what the plan expects while all is well", async () => {
    const plan = aPlan();
    const page = plan.detect.witnesses[0]!;
    Object.assign(page, { expect: [204], contains: "welcome" });
    const seen = await simulated({ plan, traffic: true }, ({ context }) =>
      context.net.http({ url: "https://shop.example.com/healthz", connect: "192.0.2.10", timeoutSeconds: 2 }),
    );
    expect(seen).toEqual({ status: 204, body: "welcome" });
  });
});
