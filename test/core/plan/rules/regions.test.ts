import { describe, expect, it } from "vitest";
import { type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "Regions that are the same",
    (d) => {
      d.regions.recovery = "eu-west-1";
    },
    "regions.recovery: expected another Region than the primary, eu-west-1 (got eu-west-1)",
  ],
  [
    "Regions of two partitions",
    (d) => {
      d.regions.primary = "cn-north-1";
      d.notify.topics.pop();
      d.detect.witnesses[2].api = "cn-north-1";
    },
    "regions.primary: expected a Region of the partition aws, as the Route 53 of others is controlled elsewhere (got cn-north-1)",
    "regions.recovery: expected a Region of the same partition as cn-north-1 (got eu-central-1)",
  ],
  [
    "Regions whose Route 53 is another one",
    (d) => {
      d.regions = { primary: "us-gov-east-1", recovery: "us-gov-west-1" };
      d.protect = [];
      for (const part of ["recover", "notify", "detect"]) delete d[part];
    },
    "regions.primary: expected a Region of the partition aws, as the Route 53 of others is controlled elsewhere (got us-gov-east-1)",
    "regions.recovery: expected a Region of the partition aws, as the Route 53 of others is controlled elsewhere (got us-gov-west-1)",
  ],
  [
    "a key of the primary Region",
    (d) => {
      d.protect[0].encrypt.key = "arn:aws:kms:eu-west-1:111122223333:alias/x";
    },
    "protect[0].encrypt.key: expected a key in the recovery Region eu-central-1 (got one in eu-west-1)",
  ],
  [
    "a document of the recovery Region",
    (d) => {
      d.protect[0].consistency = { before: "freeze", after: "arn:aws:ssm:eu-central-1:111122223333:document/thaw" };
    },
    "protect[0].consistency.after: expected a document in the primary Region eu-west-1, where the servers run (got one in eu-central-1)",
  ],
  [
    "a zone of the primary Region",
    (d) => {
      d.protect[0].launch.subnets = { "eu-west-1a": "subnet-0a" };
    },
    "protect[0].launch.subnets.eu-west-1a: expected an Availability Zone in the recovery Region eu-central-1 (got one in eu-west-1)",
  ],
  [
    "a target group of another Region",
    (d) => {
      d.protect[1].launch.targetGroups = [
        "arn:aws:elasticloadbalancing:eu-north-1:111122223333:targetgroup/w/0123456789abcdef",
      ];
    },
    "protect[1].launch.targetGroups[0]: expected a target group in the recovery Region eu-central-1 (got one in eu-north-1)",
  ],
  [
    "a topic of a third Region",
    (d) => {
      d.notify.topics.push("arn:aws:sns:us-east-1:111122223333:x");
    },
    "notify.topics[2]: expected a topic in eu-west-1 or eu-central-1 (got one in us-east-1)",
  ],
  [
    "ARNs of a partition that their Region does not lie in",
    (d) => {
      d.notify.topics = ["arn:aws-cn:sns:eu-central-1:111122223333:x"];
      d.protect[1].launch.targetGroups = [
        "arn:aws-us-gov:elasticloadbalancing:eu-central-1:111122223333:targetgroup/w/0123456789abcdef",
      ];
    },
    "protect[1].launch.targetGroups[0]: expected an ARN that begins with arn:aws:, as it names eu-central-1 (got arn:aws-us-gov:)",
    "notify.topics[0]: expected an ARN that begins with arn:aws:, as it names eu-central-1 (got arn:aws-cn:)",
  ],
];

describe("the Regions of a plan", () => {
  it.each(mistakes)("the rules of Regions refuse %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  const topic = (region: string) => `arn:aws:sns:${region}:111122223333:lifeboat`;
  it.each<[name: string, topics: string[], ...warnings: string[]]>([
    ["in both Regions", [topic("eu-west-1"), topic("eu-central-1")]],
    [
      "in the recovery Region only",
      [topic("eu-central-1")],
      "notify.topics: no topic in the primary Region eu-west-1: the alarms of its guard and its sensor reach nobody",
    ],
    [
      "in the primary Region only",
      [topic("eu-west-1")],
      "notify.topics: no topic in the recovery Region eu-central-1: the controller's alarms reach nobody",
    ],
  ])("the rules of Regions say whose alarms notify nobody: topics %s", (_where, topics, ...warnings) => {
    const edit: Edit = (d) => {
      d.notify.topics = topics;
    };
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit).filter((warning) => warning.startsWith("notify"))).toEqual(warnings);
  });
});
