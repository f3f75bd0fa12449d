import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { answersNow } from "../../../simulator/dns/dns.ts";
import type { BusEvent } from "../../../simulator/kernel.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { applyFault } from "../../../simulator/scenario/fault-effects.ts";
import { createFaults } from "../../../simulator/scenario/faults.ts";
import { aPlan } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const plan = aPlan();
const host = "shop.example.com";
const health = { name: "health", kind: "awsHealth" as const, services: ["EC2", "EBS"], region: "eu-west-1" };

const told = async (live: Simulated, what: () => void) => {
  const seen: BusEvent[] = [];
  live.world.onEvent((event) => seen.push(event));
  what();
  await live.advance(10);
  return seen.map(({ source, region, detail }) =>
    [source, region, detail.service, detail.statusCode, detail.eventRegion].join(" "),
  );
};

describe("an issue of AWS Health", () => {
  it("an issue of AWS Health is told in its Region and in the backup Region, a service each, and closed when it ends", () =>
    simulated({ plan, traffic: true }, async (live) => {
      let end = () => {};
      const opened = await told(live, () => {
        end = applyFault(live.world, [plan], { fault: "health-issue", region: "eu-west-1", services: ["EC2"] });
      });
      expect(opened.sort()).toEqual([
        "aws.health eu-west-1 EC2 open eu-west-1",
        "aws.health us-west-2 EC2 open eu-west-1",
      ]);
      expect((await told(live, () => end())).sort()).toEqual([
        "aws.health eu-west-1 EC2 closed eu-west-1",
        "aws.health us-west-2 EC2 closed eu-west-1",
      ]);
    }));

  it("an issue of AWS Health is what an awsHealth witness is made to see; of a dark Region only the backup tells", () => {
    const faults: Fault[] = [{ fault: "region-down", region: "eu-west-1", from: 0, until: 900_000 }];
    const watched = aPlan({ detect: { ...plan.detect, witnesses: [health] } });
    return simulated({ plan: watched, traffic: true, faults }, async (live) => {
      const forced = { fault: "witness" as const, name: "health", state: "unhealthy" as const };
      let end = () => {};
      const opened = await told(live, () => {
        end = applyFault(live.world, [watched], forced);
      });
      expect(opened.sort()).toEqual([
        "aws.health us-west-2 EBS open eu-west-1",
        "aws.health us-west-2 EC2 open eu-west-1",
      ]);
      expect(await told(live, () => end())).toHaveLength(2);
      expect(await told(live, () => applyFault(live.world, [watched], { ...forced, application: "blog" })())).toEqual(
        [],
      );
    });
  });
});

describe("a change of the zone by hand", () => {
  it("changes every set of the name, or one, and is undone at its end", () =>
    simulated({ plan, traffic: true }, async (live) => {
      const edit = { fault: "zone-edit" as const, name: host, type: "A" as const };
      const undo = applyFault(live.world, [plan], { ...edit, values: ["192.0.2.99"] });
      await live.advance(90);
      expect(answersNow(live.world, host)).toEqual(["192.0.2.99"]);
      undo();
      await live.advance(90);
      expect(answersNow(live.world, host)).toEqual(["192.0.2.10"]);
      applyFault(live.world, [plan], { ...edit, set: "recovery", values: ["198.51.100.99"] });
      await live.advance(90);
      expect(answersNow(live.world, host)).toEqual(["192.0.2.10"]);
    }));

  it("a change of the zone by hand takes a set away without values, and makes one that was not there", () =>
    simulated({ plan, traffic: true }, async (live) => {
      applyFault(live.world, [plan], { fault: "zone-edit", name: host, type: "A", values: [] });
      applyFault(live.world, [plan], { fault: "zone-edit", name: host, type: "AAAA", values: ["2001:db8::9"] });
      applyFault(live.world, [plan], {
        fault: "zone-edit",
        name: "nobody.example.com",
        type: "A",
        values: ["192.0.2.1"],
      });
      await live.advance(90);
      expect(answersNow(live.world, host)).toEqual([]);
      expect(answersNow(live.world, host, "AAAA")).toEqual(["2001:db8::9"]);
    }));
});

describe("a metric that somebody else writes", () => {
  it("turns the switch's alarm while it lasts, minute by minute", () =>
    simulated({ plan, traffic: true }, async ({ world, clients, advance }) => {
      const client = clients(CloudWatchClient, "eu-central-1");
      const state = async () => (await client.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue;
      const end = applyFault(world, [plan], { fault: "forged-metric", value: 1 });
      await advance(300);
      const forged = await state();
      end();
      applyFault(world, [plan], { fault: "forged-metric", value: 0 });
      await advance(300);
      expect([forged, await state()]).toEqual(["ALARM", "OK"]);
    }));
});

describe("clocks that are wrong", () => {
  it("clocks that are wrong are wrong in their Region while the fault lasts, faults together", () => {
    const when = { from: 0, until: 100 };
    const faults = createFaults([
      { fault: "clock-skew", region: "eu-west-1", by: 60, ...when },
      { fault: "clock-skew", region: "eu-west-1", by: -90, ...when },
      { fault: "clock-skew", region: "us-east-1", by: 5, ...when },
    ]);
    expect([faults.skewSeconds("eu-west-1", 50), faults.skewSeconds("us-east-1", 50)]).toEqual([-30, 5]);
    expect(faults.skewSeconds("eu-west-1", 100)).toBe(0);
  });
});

it("a witness is forced in one application, or in every one that has it", () => {
  const when = { from: 0, until: 100 };
  const faults = createFaults([{ fault: "witness", name: "page", application: "blog", state: "unhealthy", ...when }]);
  expect([faults.witness("page", 1, "blog"), faults.witness("page", 1, "shop"), faults.witness("page", 1)]).toEqual([
    "unhealthy",
    null,
    "unhealthy",
  ]);
});
