import { expect, test } from "vitest";
import { sensorRegions } from "../../functions/core/detect/sensors.ts";
import type { Plan, Witness } from "../../functions/core/model/plan.ts";
import { planStack } from "../../infra/plan.ts";
import { sensor } from "../../infra/sensor.ts";
import { sensorFunctions } from "../../infra/sensor-functions.ts";
import { aPlan } from "../support/builders.ts";
import { statementsOf } from "./cloudformation.ts";

const check: Witness = {
  name: "route-53",
  kind: "healthCheck",
  healthCheck: "11111111-2222-3333-4444-555555555555",
  text: "_lifeboat-shop.shop.example.com",
  zone: "Z1",
};
const health: Witness = { name: "aws", kind: "awsHealth", services: ["EC2", "EBS"], region: "eu-west-1" };
const alarm: Witness = { name: "errors", kind: "alarm", alarm: "shop-5xx", region: "eu-west-1" };
const topic = (region: string) => `arn:aws:sns:${region}:111122223333:lifeboat`;
const planWith = (witnesses: Witness[], regions?: Plan["regions"]) => {
  const plan = aPlan({ notify: { topics: ["eu-central-1", "eu-west-1"].map(topic), on: ["done"] } });
  return { ...plan, ...(regions && { regions }), detect: { ...plan.detect, witnesses } };
};
const plan = planWith([check, health, alarm]);
const inRegion = (given: Plan, region: string) => sensor(given, region).Resources;

test("a heartbeat each minute comes from every sensor, and the guard stands in the primary Region only", () => {
  const steps = (region: string) => Object.values(sensorFunctions(plan, region)).map(({ name }) => name);
  expect(sensorRegions(plan)).toEqual(["eu-west-1", "us-east-1", "us-west-2"]);
  expect(steps("eu-west-1")).toEqual(["lifeboat-shop-guard", "lifeboat-shop-sense"]);
  for (const region of ["us-east-1", "us-west-2"]) {
    expect(steps(region)).toEqual(["lifeboat-shop-sense"]);
    expect(inRegion(plan, region).GuardSchedule).toBeUndefined();
  }
  for (const step of ["Sense", "Guard"]) {
    const { [`${step}Schedule`]: schedule, [`${step}InvokeConfig`]: config } = inRegion(plan, "eu-west-1");
    expect(schedule!.Properties).toMatchObject({
      ScheduleExpression: "rate(1 minute)",
      Target: {
        Arn: { "Fn::GetAtt": [`${step}LambdaFunction`, "Arn"] },
        Input: '{"application":"shop"}',
        DeadLetterConfig: { Arn: { "Fn::GetAtt": ["Unsent", "Arn"] } },
      },
    });
    expect(config!.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["Unsent", "Arn"] } } },
    });
  }
});

test("the functions of a sensor know where home is, and reach the table nowhere else", () => {
  for (const { environment } of Object.values(sensorFunctions(plan, "eu-west-1")))
    expect(environment).toMatchObject({
      LIFEBOAT_TABLE: "lifeboat",
      LIFEBOAT_HOME: "eu-central-1",
      LIFEBOAT_BUCKET: "-",
    });
  const tables = statementsOf({ Resources: inRegion(plan, "eu-west-1") }).filter(({ statement }) =>
    [statement.Action].flat().some((action: string) => action.startsWith("dynamodb:")),
  );
  const table = { "Fn::Sub": "arn:${AWS::Partition}:dynamodb:eu-central-1:${AWS::AccountId}:table/lifeboat" };
  for (const { statement } of tables) expect(statement.Resource).toEqual([table]);
  const keys = tables.map(({ where, statement: { Action, Condition } }) => [
    ...[where, Action.map((action: string) => action.slice("dynamodb:".length)).join()],
    Condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"],
  ]);
  // what sense may write is out of the row's reach
  expect(keys).toEqual([
    ["GuardRole", "BatchGetItem,GetItem,Query,PutItem,BatchWriteItem", ["shop", "shop#sensors", "#storm"]],
    ["SenseRole", "GetItem", ["shop"]],
    ["SenseRole", "UpdateItem", ["shop#sensors"]],
  ]);
});

test("issues of AWS Health are sent from where they are delivered, and taken in by account, source and Region", () => {
  const detail = {
    service: ["EBS", "EC2", "MULTIPLE_SERVICES"],
    eventTypeCategory: ["issue", "investigation"],
    eventRegion: ["eu-west-1"],
  };
  const pattern = (region: string[]) => ({
    account: [{ Ref: "AWS::AccountId" }],
    source: ["aws.health"],
    "detail-type": ["AWS Health Event"],
    region,
    detail,
  });
  for (const region of ["eu-west-1", "us-west-2"])
    expect(inRegion(plan, region).HealthOut!.Properties.EventPattern).toEqual(pattern([region]));
  expect(inRegion(plan, "us-east-1").HealthOut).toBeUndefined();
  expect(planStack(plan).Resources.HealthIn!.Properties).toMatchObject({
    EventPattern: pattern(["eu-west-1", "us-west-2"]),
    Targets: [{ Id: "detect", DeadLetterConfig: { Arn: { "Fn::GetAtt": ["Undelivered", "Arn"] } } }],
  });
});

test("a sensor hears only of the Regions whose events are delivered to it", () => {
  const given = planWith([health, { ...health, name: "far", region: "us-west-2", services: ["RDS"] }]);
  const heard = (region: string) =>
    (inRegion(given, region).HealthOut!.Properties.EventPattern as { detail: object }).detail;
  const many = "MULTIPLE_SERVICES";
  expect(heard("eu-west-1")).toMatchObject({ eventRegion: ["eu-west-1"], service: ["EBS", "EC2", many] });
  expect(heard("us-east-1")).toMatchObject({ eventRegion: ["us-west-2"], service: [many, "RDS"] });
  expect(heard("us-west-2")).toMatchObject({ eventRegion: ["eu-west-1", "us-west-2"] });
});

test("the alarm of a health check sits in us-east-1, where its metric is, and nudges detect", () => {
  const { CheckRouteDash53, AlarmsOut } = inRegion(plan, "us-east-1");
  expect(CheckRouteDash53!.Properties).toMatchObject({
    AlarmName: "lifeboat-check-shop-route-53",
    Namespace: "AWS/Route53",
    MetricName: "HealthCheckStatus",
    Statistic: "Minimum",
    Threshold: 1,
    Dimensions: [{ Name: "HealthCheckId", Value: check.healthCheck }],
    ComparisonOperator: "LessThanThreshold",
  });
  expect(AlarmsOut!.Properties.EventPattern).toMatchObject({
    account: [{ Ref: "AWS::AccountId" }],
    region: ["us-east-1"],
    detail: { alarmName: ["lifeboat-check-shop-route-53"] },
  });
  expect(planStack(plan).Resources.AlarmsIn!.Properties.EventPattern).toMatchObject({
    region: ["eu-west-1", "us-east-1"],
    detail: { alarmName: ["lifeboat-check-shop-route-53", "shop-5xx"] },
  });
});

test("with the controller in us-east-1 the plan stack has the alarm of the health check, and no event travels", () => {
  const given = planWith([check], { primary: "us-west-2", recovery: "us-east-1" });
  expect(sensorRegions(given)).toEqual(["us-west-2"]);
  const { CheckRouteDash53, AlarmsIn } = planStack(given).Resources;
  expect(CheckRouteDash53!.Type).toBe("AWS::CloudWatch::Alarm");
  expect(AlarmsIn!.Properties.EventPattern).toMatchObject({ region: ["us-east-1"] });
  expect(inRegion(given, "us-west-2").AlarmsOut).toBeUndefined();
});

test("what is sent needs the right to put events on one bus, and tells the topics of its own Region when it fails", () => {
  const { AlarmsOut, AlarmsOutRole, UnsentAlarm } = inRegion(plan, "eu-west-1");
  const bus = { "Fn::Sub": "arn:${AWS::Partition}:events:eu-central-1:${AWS::AccountId}:event-bus/default" };
  expect(AlarmsOut!.Properties.Targets).toMatchObject([{ Arn: bus }]);
  expect(AlarmsOutRole!.Properties.Policies).toMatchObject([
    { PolicyDocument: { Statement: [{ Action: ["events:PutEvents"], Resource: [bus] }] } },
  ]);
  expect(UnsentAlarm!.Properties.AlarmActions).toEqual([topic("eu-west-1")]);
  expect(inRegion(plan, "us-west-2").UnsentAlarm, "one that could tell nobody").toBeUndefined();
});

test("the guard tells the topics of its Region what it did, what it could not do, and that it hears nothing", () => {
  const told = Object.values(inRegion(plan, "eu-west-1")).filter(
    ({ Properties }) => Properties.Namespace === "Lifeboat",
  );
  expect(told.map(({ Properties }) => [Properties.AlarmName, Properties.EvaluationPeriods])).toEqual([
    ["lifeboat-guard-unclear-shop", 10],
    ["lifeboat-guard-acted-shop", 1],
    ["lifeboat-guard-not-proven-shop", 1],
  ]);
  for (const { Properties } of told) expect(Properties.AlarmActions).toEqual([topic("eu-west-1")]);
  expect(JSON.stringify(inRegion(plan, "us-west-2"))).not.toContain("Guard");
});
