import { expect, test } from "vitest";
import { trafficAlarm } from "../../infra/traffic-alarm.ts";
import { aPlan } from "../support/builders.ts";

const topics = ["arn:aws:sns:eu-central-1:111122223333:lifeboat"];

test("traffic elsewhere rings by the metric that detect publishes, and only for a plan that moves traffic", () => {
  expect(trafficAlarm(aPlan(), topics).Resources.TrafficAlarm!.Properties).toMatchObject({
    AlarmName: "lifeboat-traffic-shop",
    Namespace: "Lifeboat",
    MetricName: "TrafficElsewhere",
    Dimensions: [
      { Name: "service", Value: "lifeboat" },
      { Name: "Application", Value: "shop" },
    ],
    Threshold: 1,
    DatapointsToAlarm: 2,
    TreatMissingData: "notBreaching",
    AlarmActions: topics,
  });
  expect(trafficAlarm(aPlan({ traffic: null }), topics).Resources).toEqual({});
});
