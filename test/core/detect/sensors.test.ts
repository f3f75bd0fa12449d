import { expect, test } from "vitest";
import { checkAlarmName, healthBackup, healthRegions, sensorRegions } from "../../../functions/core/detect/sensors.ts";
import type { Witness } from "../../../functions/core/model/plan.ts";
import { aPlan } from "../../support/builders.ts";

const check: Witness = { name: "route53", kind: "healthCheck", healthCheck: "id", text: "_lifeboat", zone: "Z" };
const health = (region: string): Witness => ({ name: "aws", kind: "awsHealth", services: ["EC2"], region });
const from = (region: string): Witness => ({
  name: "canary",
  kind: "probe",
  url: "https://shop.example.com/",
  connect: null,
  side: "primary",
  expect: [],
  contains: null,
  from: region,
});
const silence = (region: string): Witness => ({ name: "quiet", kind: "silence", region, afterSeconds: 180 });

test.each<[string, [string, string], Witness[], string[]]>([
  ["the primary Region always", ["eu-west-1", "eu-central-1"], [], ["eu-west-1"]],
  [
    "us-east-1 for a health check, whose metrics are there",
    ["eu-west-1", "eu-central-1"],
    [check],
    ["eu-west-1", "us-east-1"],
  ],
  ["not us-east-1 when the controller is there", ["us-west-2", "us-east-1"], [check], ["us-west-2"]],
  [
    "us-west-2 as the backup of AWS Health",
    ["eu-west-1", "eu-central-1"],
    [health("eu-west-1")],
    ["eu-west-1", "us-west-2"],
  ],
  [
    "us-east-1 as the backup of us-west-2",
    ["us-west-2", "eu-west-1"],
    [health("us-west-2")],
    ["us-east-1", "us-west-2"],
  ],
  ["no backup that is the recovery Region", ["us-east-1", "us-west-2"], [health("us-east-1")], ["us-east-1"]],
  [
    "a third Region that probes, and one that is listened to",
    ["eu-west-1", "eu-central-1"],
    [from("eu-north-1"), silence("eu-west-3")],
    ["eu-north-1", "eu-west-1", "eu-west-3"],
  ],
])("a sensor stands in %s", (_, [primary, recovery], witnesses, expected) => {
  const plan = aPlan();
  const detect = { ...plan.detect, witnesses };
  expect(sensorRegions({ ...plan, regions: { primary, recovery }, detect })).toEqual(expected);
});

test("the backup Region of AWS Health is us-west-2, that of us-west-2 is us-east-1; other partitions have none", () => {
  expect(["eu-west-1", "us-east-1", "us-west-2", "us-gov-west-1"].map(healthBackup)).toEqual([
    ...["us-west-2", "us-west-2", "us-east-1", null],
  ]);
  expect(new Set(healthRegions("cn-north-1"))).toEqual(new Set(["cn-north-1"]));
});

test("the alarm of a health check is named after the application and the witness", () => {
  expect(checkAlarmName("shop", "route53")).toBe("lifeboat-check-shop-route53");
});
