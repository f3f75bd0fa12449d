import { expect, test } from "vitest";
import { heartbeatAlarm } from "../../infra/heartbeat-alarm.ts";
import { aPlan } from "../support/builders.ts";

test("nobody watching is told by an alarm on the heartbeat that detect publishes", () => {
  const plan = aPlan();
  const topics = ["arn:aws:sns:eu-central-1:111122223333:lifeboat"];
  expect(heartbeatAlarm(plan, topics).Resources.HeartbeatAlarm!.Properties).toMatchObject({
    ...{ Namespace: "Lifeboat", MetricName: "Takeover", Statistic: "SampleCount", TreatMissingData: "breaching" },
    Dimensions: [{ Name: "Application", Value: plan.application }],
    AlarmActions: topics,
  });
});
