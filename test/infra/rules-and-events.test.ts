import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Plan } from "../../functions/core/model/plan.ts";
import { compilePlan } from "../../functions/core/plan/compile.ts";
import { alarmsRule, endedRule, healthRule, snapshotsRule } from "../../infra/rules.ts";
import { tellsOfSnapshots } from "../../simulator/ec2/storage/events.ts";
import type { BusEvent, Emitted } from "../../simulator/kernel.ts";
import { account } from "../../simulator/kernel.ts";
import { createExecutions } from "../../simulator/machines/executions.ts";
import { wantsAlarm, wantsIssue } from "../../simulator/story/events.ts";
import { aPlan } from "../support/builders.ts";
import { isMatch } from "../support/event-pattern.ts";
import { schemaProblems } from "../support/event-schemas.ts";
import { playPair } from "../support/pair.ts";
import { simulated } from "../support/simulated.ts";

const region = "eu-central-1";
const patternOf = (rule: typeof endedRule, plan: Plan, id: string) =>
  rule(plan, "Dead").Resources[id]!.Properties.EventPattern;

/** Two servers with an alarm and AWS Health among the witnesses. */
const pair = (() => {
  const document = parse(readFileSync(new URL("../simulation/two-servers.yml", import.meta.url), "utf8"));
  document.detect.witnesses.push({ name: "errors", alarm: "pair-5xx", region: "us-east-1" });
  document.detect.witnesses.push({ name: "health", awsHealth: ["EC2"], region: "eu-west-1" });
  return compilePlan(document).plan!;
})();

const heard: BusEvent[] = [];
/** Replication, an alarm, issues of AWS Health, and a failover by hand: everything that was on the buses. */
beforeAll(async () => {
  const faults = [
    { for: "2m", fault: "witness", name: "errors", state: "unhealthy" },
    { for: "2m", fault: "health-issue", region: "primary", services: ["EC2", "S3"] },
  ];
  const began: Parameters<typeof playPair>[0] = {
    began: ({ world }) => world.onEvent((event) => void heard.push(event)),
  };
  await playPair({ ...began, plan: pair, run: "failover", scenario: { faults } });
});

/** Runs that no Catch saw end, and one that went well. */
const ended = () =>
  simulated({ plan: aPlan() }, async ({ world, advance }) => {
    const told: BusEvent[] = [];
    world.onEvent((event) => told.push(event));
    const invoke = async (name: string) => {
      if (name !== "LoadPlan") throw Object.assign(new Error("{}"), { name: "PlanInvalidError" });
      return { application: "shop" };
    };
    const executions = createExecutions(region, { invoke }, (event: Emitted) => world.emit(event));
    executions.start("failover", "other", { application: "shop-2" });
    executions.start("close", "close-1", { application: "shop" });
    executions.start("failover", "failover-1", { application: "shop" });
    await advance(3_600);
    return told;
  });

describe("a deployed rule takes what the simulator delivers for it, and nothing else:", () => {
  it("runs that ended badly, of its own application", async () => {
    const pattern = patternOf(endedRule, aPlan(), "Ended");
    const events = await ended();
    expect(events.map(({ detail }) => detail.status)).toEqual(["FAILED", "FAILED", "FAILED"]);
    const failed = events.filter((event) => isMatch(pattern, event, region));
    expect(failed.map(({ detail }) => [detail.name, detail.status])).toEqual([["failover-1", "FAILED"]]);
    expect(heard.filter((event) => isMatch(pattern, event, region))).toEqual([]);
  });

  it.each([
    ["ends of snapshots", snapshotsRule, "SnapshotsIn", tellsOfSnapshots],
    ["changes of the alarms of its witnesses", alarmsRule, "AlarmsIn", (event: BusEvent) => wantsAlarm(pair, event)],
    ["issues of AWS Health", healthRule, "HealthIn", (event: BusEvent) => wantsIssue(pair, event)],
  ])("%s", (_, rule, id, delivers) => {
    const pattern = patternOf(rule, pair, id);
    const taken = heard.filter((event) => isMatch(pattern, event, region));
    expect(taken).toEqual(heard.filter(delivers));
    // how many there are, and how many come twice, is drawn
    expect(taken.length).toBeGreaterThan(1);
  });
});

/** What events have beside or against the registry of EventBridge, by their source. */
const newer: Record<string, string[]> = {
  // the guide's own examples, of newer events than those of the registry
  "SFN:eventbridge-integration": [
    ...["stateMachineAliasArn", "error", "cause", "inputDetails", "outputDetails"].map(
      (name) => `Step Functions Execution Status Change.${name}: unknown`,
    ),
    "Step Functions Execution Status Change.output: null, expected string",
  ],
  "EBS:ebs-cloud-watch-events": [
    ...["startTime", "endTime", "incremental", "transferType"].map(
      (name) => `EBS Snapshot Notification.${name}: unknown`,
    ),
    ...["StartTime", "EndTime"].map((name) => `EBS Snapshot Notification.${name}: missing`),
  ],
  "Health:aws-health-events-eventbridge-schema": ["page", "totalPages", "affectedAccount"].map(
    (name) => `AWS Health Event.${name}: unknown`,
  ),
  // an alarm that was never evaluated has no data
  "CW:cloudwatch-and-eventbridge": ["CloudWatch Alarm State Change.previousState.reasonData: missing"],
};

it("every event has the shape that AWS's own registry gives it, but for what its guide tells of", async () => {
  const events = [...heard, ...(await ended())];
  expect([...new Set(events.flatMap(schemaProblems))].sort()).toEqual(Object.values(newer).flat().sort());
  expect([...new Set(events.map((event) => event["detail-type"]))].sort()).toEqual([
    "AWS Health Event",
    "CloudWatch Alarm State Change",
    "EBS Multi-Volume Snapshots Completion Status",
    "EBS Snapshot Notification",
    "EC2 Instance State-change Notification",
    "Step Functions Execution Status Change",
  ]);
  for (const { id, time, account: own, version } of events) {
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect([own, version]).toEqual([account, "0"]);
  }
});

it("an event that lacks, adds or changes a member is not of that shape", () => {
  const [event] = heard.filter((one) => one["detail-type"] === "EC2 Instance State-change Notification");
  const wrong = { ...event!, detail: { "instance-id": 7, place: "here" } };
  expect(schemaProblems(wrong)).toEqual([
    "EC2 Instance State-change Notification.place: unknown",
    "EC2 Instance State-change Notification.instance-id: number, expected string",
    "EC2 Instance State-change Notification.state: missing",
  ]);
  expect(schemaProblems({ ...event!, source: "aws.none" })).toEqual([
    "EC2 Instance State-change Notification: not in the registry",
  ]);
});
