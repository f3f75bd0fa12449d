import { expect, test } from "vitest";
import type { Plan, Witness } from "../../functions/core/model/plan.ts";
import { switches } from "../../infra/switch.ts";
import { aPlan } from "../support/builders.ts";
import { problemsOf } from "./cloudformation.ts";

const check = (name: string): Extract<Witness, { kind: "healthCheck" }> => ({
  name,
  kind: "healthCheck",
  healthCheck: "11111111-2222-3333-4444-555555555555",
  text: `_lifeboat-shop-${name}.shop.example.com`,
  zone: "Z1",
});
const planWith = (witnesses: Witness[], traffic?: Plan["traffic"]) => {
  const plan = aPlan();
  return { ...plan, ...(traffic && { traffic }), detect: { ...plan.detect, witnesses } };
};
const { traffic } = aPlan();

test("a health check answers through a TXT pair: its own word while it is healthy, the other one when it is not", () => {
  const { Resources } = switches(planWith([check("route-53")]))!;
  const common = { HostedZoneId: "Z1", Name: "_lifeboat-shop-route-53.shop.example.com", Type: "TXT", TTL: "10" };
  const { RouteDash53Healthy, RouteDash53Unhealthy } = Resources;
  expect(RouteDash53Healthy).toEqual({
    Type: "AWS::Route53::RecordSet",
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Properties: {
      ...common,
      ResourceRecords: ['"healthy"'],
      SetIdentifier: "healthy",
      Failover: "PRIMARY",
      HealthCheckId: "11111111-2222-3333-4444-555555555555",
    },
  });
  expect(RouteDash53Unhealthy).toMatchObject({
    DeletionPolicy: "Retain",
    Properties: { ...common, ResourceRecords: ['"unhealthy"'], SetIdentifier: "unhealthy", Failover: "SECONDARY" },
  });
  expect(RouteDash53Unhealthy!.Properties.HealthCheckId).toBeUndefined();
  expect(problemsOf({ Resources })).toEqual([]);
});

test.each<[string, Witness[], Plan["traffic"], string[]]>([
  ["takeover alone", [], traffic, ["TakeoverAlarm", "TakeoverCheck"]],
  [
    "takeover and two checks",
    [check("one"), check("two")],
    traffic,
    [...["TakeoverAlarm", "TakeoverCheck", "OneHealthy", "OneUnhealthy", "TwoHealthy", "TwoUnhealthy"]],
  ],
  ["records and a check", [check("one")], { ...traffic!, switch: "records" }, ["OneHealthy", "OneUnhealthy"]],
  [
    "routing control and a check",
    [check("one")],
    { ...traffic!, switch: "routing-control" },
    [...["OneHealthy", "OneUnhealthy"]],
  ],
])("%s: just these", (_, witnesses, given, expected) => {
  expect(Object.keys(switches(planWith(witnesses, given))!.Resources)).toEqual(expected);
});

test("whoever turns the switch is told of by its alarm, to the topics of its own Region", () => {
  const [near, far] = ["eu-central-1", "eu-west-1"].map((region) => `arn:aws:sns:${region}:111122223333:lifeboat`);
  const plan = { ...planWith([], traffic), notify: { topics: [near!, far!], on: [] } };
  const { Properties } = switches(plan)!.Resources.TakeoverAlarm!;
  expect(Properties).toMatchObject({ AlarmActions: [near], OKActions: [near], TreatMissingData: "ignore" });
});

test("routing controls bring checks of their own: nothing is made for them", () => {
  expect(switches(planWith([], { ...traffic!, switch: "routing-control" }))).toBeNull();
});
