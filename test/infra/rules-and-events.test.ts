import { expect, it } from "vitest";
import type { Plan } from "../../functions/core/plan.ts";
import { endedRule, snapshotsRule } from "../../infra/rules.ts";
import { tellsOfSnapshots } from "../../simulator/ec2/events.ts";
import { createExecutions } from "../../simulator/executions.ts";
import type { BusEvent, Emitted } from "../../simulator/kernel.ts";
import { account } from "../../simulator/kernel.ts";
import { aPlan } from "../support/builders.ts";
import { aCopiedServer, oneServer } from "../support/ec2.ts";
import { isMatch } from "../support/event-pattern.ts";
import { simulated } from "../support/simulated.ts";

const region = "eu-central-1";
const patternOf = (rule: typeof endedRule, plan: Plan, id: string) =>
  rule(plan, "Dead").Resources[id]!.Properties.EventPattern;

it("the rule for runs that ended badly takes their events as AWS writes them, of its own application", async () => {
  const pattern = patternOf(endedRule, aPlan(), "Ended");
  const events = await simulated({ plan: aPlan() }, async ({ advance }) => {
    const told: Emitted[] = [];
    const invoke = async (name: string) => {
      if (name !== "LoadPlan") throw Object.assign(new Error("{}"), { name: "PlanInvalidError" });
      return { application: "shop" };
    };
    const executions = createExecutions(region, { invoke }, (event) => told.push(event));
    executions.start("failover", "other", { application: "shop-2" });
    executions.start("close", "close-1", { application: "shop" });
    executions.start("failover", "failover-1", { application: "shop" });
    await advance(3_600);
    return told.map((event) => ({ ...event, account }));
  });
  const failed = events.filter((event) => isMatch(pattern, event, region));
  expect(events.map(({ detail }) => detail.status)).toEqual(["FAILED", "FAILED", "FAILED"]);
  expect(failed.map(({ detail }) => [detail.name, detail.status])).toEqual([["failover-1", "FAILED"]]);
});

it("the rule for ends of snapshots takes what the simulator takes for it, and no other event of EC2", async () => {
  const events = await simulated({ plan: oneServer }, async (live) => {
    const told: BusEvent[] = [];
    live.world.onEvent((event) => told.push(event));
    await aCopiedServer(live);
    return told;
  });
  const pattern = patternOf(snapshotsRule, oneServer, "SnapshotsIn");
  expect(events.filter((event) => isMatch(pattern, event, region))).toEqual(events.filter(tellsOfSnapshots));
  expect(new Set(events.map(({ detail }) => detail.event))).toEqual(
    new Set(["createSnapshot", "createSnapshots", "copySnapshot"]),
  );
  for (const { id, time } of events) {
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
});
