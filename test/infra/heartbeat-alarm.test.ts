import { expect, test } from "vitest";
import { heartbeatAlarm } from "../../infra/heartbeat-alarm.ts";
import { aPlan } from "../support/builders.ts";

test("nobody watching is told by an alarm on the looks that came to their end, and on those that Lambda gave up", () => {
  const plan = aPlan();
  const topics = ["arn:aws:sns:eu-central-1:111122223333:lifeboat"];
  expect(heartbeatAlarm(plan, topics).Resources.HeartbeatAlarm!.Properties).toMatchObject({
    Namespace: "Lifeboat",
    MetricName: "Looked",
    Statistic: "SampleCount",
    TreatMissingData: "breaching",
    Dimensions: [{ Name: "Application", Value: plan.application }],
    AlarmActions: topics,
  });
  expect(heartbeatAlarm(plan, topics).Resources.DetectFailedAlarm!.Properties).toMatchObject({
    AlarmName: "lifeboat-detect-failed-shop",
    AlarmActions: topics,
    Dimensions: [{ Name: "QueueName", Value: "lifeboat-detect-failed" }],
  });
});
