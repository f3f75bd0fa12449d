import { expect, test } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { stacksOf } from "../../infra/stacks.ts";
import { aPlan, aResource } from "../support/builders.ts";
import { problemsOf } from "./cloudformation.ts";

const plan = aPlan();
const made = (given: Plan) => stacksOf(given).map(({ role, region }) => `${role} ${region}`);
const planStack = (given: Plan) => stacksOf(given).find(({ role }) => role === "plan")!.resources.Resources;

test.each<[string, Plan["traffic"]]>([
  ["a health check of the user's own", { ...plan.traffic!, healthCheck: "11111111-2222-3333-4444-555555555555" }],
  ["the records switch", { ...plan.traffic!, switch: "records" }],
  ["no traffic at all", null],
])("%s needs no switch stack", (_, traffic) => {
  expect(made({ ...plan, traffic }).join()).not.toContain("switch");
});

test("alarms in other Regions get a sensor each; those of the recovery Region need none", () => {
  const witnesses: Plan["detect"]["witnesses"] = [
    { name: "a", kind: "alarm", alarm: "health", region: "us-east-1" },
    { name: "b", kind: "alarm", alarm: "errors", region: "eu-west-1" },
    { name: "c", kind: "alarm", alarm: "here", region: "eu-central-1" },
  ];
  const given = { ...plan, detect: { ...plan.detect, witnesses } };
  expect(made(given).slice(-2)).toEqual(["sensor eu-west-1", "sensor us-east-1"]);
  const ids = (region: string) =>
    Object.keys(stacksOf(given).find((one) => one.role === "sensor" && one.region === region)!.resources.Resources);
  expect(ids("eu-west-1")).toEqual(expect.arrayContaining(["AlarmsOut", "SnapshotsOut"]));
  expect(ids("us-east-1")).not.toContain("SnapshotsOut");
  const { EventPattern } = planStack(given).AlarmsIn!.Properties as { EventPattern: object };
  expect(EventPattern).toMatchObject({
    region: ["eu-west-1", "us-east-1", "eu-central-1"],
    detail: { alarmName: ["errors", "health", "here"] },
  });
});

test("a plan without alarms has no rule for them, and sends the ends of snapshots all the same", () => {
  const given = { ...plan, detect: { ...plan.detect, witnesses: [] } };
  expect(planStack(given).AlarmsIn).toBeUndefined();
  expect(made(given).at(-1)).toBe("sensor eu-west-1");
  const { AlarmsOut, SnapshotsOut } = stacksOf(given).at(-1)!.resources.Resources;
  expect([AlarmsOut, SnapshotsOut?.Type]).toEqual([undefined, "AWS::Events::Rule"]);
});

test("a plan without resources replicates nothing, rotates nothing and waits for no snapshot", () => {
  const given = { ...plan, protect: [], detect: { ...plan.detect, witnesses: [] } };
  const bare = planStack(given);
  expect(Object.keys(bare)).toEqual(expect.arrayContaining(["Tick", "Sweep"]));
  for (const absent of ["Replicate", "Rotate", "SnapshotsIn"]) expect(bare[absent]).toBeUndefined();
  const sensor = stacksOf(given).at(-1)!.resources.Resources;
  expect(Object.values(sensor).map(({ Type }) => Type)).not.toContain("AWS::Events::Rule");
});

test("replication runs as often as the most demanding resource", () => {
  const protect = [
    aResource({ every: "rate(1 hour)", everySeconds: 3_600 }),
    aResource({ name: "app-1", every: "rate(15 minutes)", everySeconds: 900 }),
  ];
  const { Replicate, RpoWeb, RpoAppDash1 } = planStack({ ...plan, protect });
  expect(Replicate!.Properties).toMatchObject({ ScheduleExpression: "rate(15 minutes)" });
  expect([RpoWeb!.Type, RpoAppDash1!.Type]).toEqual(["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Alarm"]);
});

test.each([
  ["all of them", ["decision", "hold", "done", "rpo"] as const, true],
  ["the end of runs only", ["done"] as const, false],
])("the RPO alarms tell the topics of its Region when the plan wants to hear of %s", (_, on, tells) => {
  const topic = (region: string) => `arn:aws:sns:${region}:111122223333:lifeboat`;
  const topics = [topic("eu-central-1"), topic("eu-west-1")];
  const { RpoWeb, ProjectedRpoWeb, FailedCopiesWeb } = planStack({ ...plan, notify: { topics, on: [...on] } });
  for (const alarm of [RpoWeb, ProjectedRpoWeb, FailedCopiesWeb])
    expect(alarm!.Properties.AlarmActions).toEqual(tells ? [topic("eu-central-1")] : []);
});

test("the longest names still fit", () => {
  const long = "a".repeat(32);
  const given = { ...plan, application: long, protect: [aResource({ name: long })] };
  const resources = planStack(given);
  const names = Object.values(resources).map(({ Type, Properties }) => {
    const limit = { "AWS::Events::Rule": 64, "AWS::SQS::Queue": 80, "AWS::CloudWatch::Alarm": 255 }[Type] ?? 64;
    const name = String(Properties.Name ?? Properties.QueueName ?? Properties.AlarmName ?? "");
    return { name, fits: name.length <= limit };
  });
  expect(names.filter(({ fits }) => !fits)).toEqual([]);
  expect(problemsOf({ Resources: resources })).toEqual([]);
});
