import { expect, test } from "vitest";
import { proofAlarm } from "../../infra/proof-alarm.ts";
import { aPlan } from "../support/builders.ts";

const topics = ["arn:aws:sns:eu-central-1:111122223333:lifeboat"];

test("rights that were not proven for 25 hours ring, by the age that detect publishes, whatever the plan wants to hear of", () => {
  expect(proofAlarm(aPlan(), topics).Resources.ProofAlarm!.Properties).toMatchObject({
    AlarmName: "lifeboat-proof-shop",
    Namespace: "Lifeboat",
    MetricName: "ProofAge",
    Statistic: "Maximum",
    Dimensions: [
      { Name: "service", Value: "lifeboat" },
      { Name: "Application", Value: "shop" },
    ],
    Threshold: 90_000,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
    AlarmActions: topics,
  });
});
