import { expect, test } from "vitest";
import { judgeTopic } from "../../../functions/core/readiness/topic-rules.ts";

const arn = "arn:aws:sns:eu-central-1:111122223333:lifeboat";

test.each([
  ["without a key passes", { key: null }, [], []],
  ["that is not there is a problem", null, [`notify: topic ${arn} does not exist`], []],
  [
    "under AWS's own key is told, as alarms cannot use it",
    { key: "alias/aws/sns" },
    [],
    [`notify: topic ${arn} lies under alias/aws/sns, which alarms cannot use: they cannot be delivered through it`],
  ],
  [
    "under a customer's key is told, with whom the key must let",
    { key: "alias/topics" },
    [],
    [
      `notify: topic ${arn} lies under key alias/topics: its policy must let the alarms (cloudwatch.amazonaws.com) and Lifeboat's roles use it: docs/deploy.md`,
    ],
  ],
])("a topic %s", (_case, found, problems, warnings) => {
  expect(judgeTopic(arn, found)).toEqual({ problems, warnings });
});
