import { expect, test } from "vitest";
import { guardAlarms } from "../../infra/guard-alarms.ts";
import { aPlan } from "../support/builders.ts";

test("the guard's alarms ring by the metrics that it publishes, of this application alone", () => {
  const topics = ["arn:aws:sns:eu-west-1:111122223333:lifeboat"];
  const alarms = Object.values(guardAlarms(aPlan(), topics).Resources).map(({ Properties }) => Properties);
  expect(alarms.map(({ MetricName }) => MetricName)).toEqual(["GuardUnclear", "GuardActed", "GuardNotProven"]);
  for (const alarm of alarms)
    expect(alarm).toMatchObject({
      Namespace: "Lifeboat",
      Dimensions: [
        { Name: "service", Value: "lifeboat" },
        { Name: "Application", Value: "shop" },
      ],
      AlarmActions: topics,
    });
});
