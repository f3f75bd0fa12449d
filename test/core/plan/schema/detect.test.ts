import { describe, expect, it } from "vitest";
import { type Edit, problemsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "an action that is none",
    (d) => {
      d.detect.action = "ask";
    },
    'detect.action: expected one of notify, approve, automatic (got "ask")',
  ],
  [
    "a priority below the first",
    (d) => {
      d.priority = 0;
    },
    "priority: expected a whole number from 1 to 1000 (got 0)",
  ],
  [
    "an approval that waits longer than a run",
    (d) => {
      d.detect.approval = { within: "8d" };
    },
    'detect.approval.within: expected a duration such as 30s, 15m, 1h or 7d, at most 7d (got "8d")',
  ],
  [
    "a health check that is no id",
    (d) => {
      d.detect.witnesses[0] = { name: "r53", healthCheck: "create" };
    },
    'detect.witnesses[0].healthCheck: expected the id of a Route 53 health check such as 11111111-2222-3333-4444-555555555555 (got "create")',
  ],
  [
    "a silence without a time",
    (d) => {
      d.detect.witnesses[0] = { name: "quiet", silence: "eu-west-1" };
    },
    "detect.witnesses[0].after: expected a duration such as 30s, 15m, 1h or 7d (got nothing)",
  ],
  [
    "a silence that one lost report makes",
    (d) => {
      d.detect.witnesses[0] = { name: "quiet", silence: "eu-west-1", after: "90s" };
    },
    'detect.witnesses[0].after: expected a duration from 2m to 1h (got "90s")',
  ],
  [
    "AWS Health of services in lower case",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["ec2", "ebs", "rds"], region: "eu-west-1" };
    },
    'detect.witnesses[0].awsHealth[0]: expected the code of a service as AWS Health writes it, such as EC2 or EBS (got "ec2")',
    'detect.witnesses[0].awsHealth[1]: expected the code of a service as AWS Health writes it, such as EC2 or EBS (got "ebs")',
    'detect.witnesses[0].awsHealth[2]: expected the code of a service as AWS Health writes it, such as EC2 or EBS (got "rds")',
  ],
  [
    "a witness of no kind that there is",
    (d) => {
      d.detect.witnesses[0] = { name: "x", ping: "192.0.2.10" };
    },
    "detect.witnesses[0]: expected a witness: { name, alarm, region }, { name, healthCheck }, { name, probe: { url } }, { name, api }, { name, silence, after } or { name, awsHealth, region } (got a map with name, ping)",
  ],
  [
    "a witness whose kind was mistyped",
    (d) => {
      d.detect.witnesses[0] = { name: "x", prob: { url: "https://direct.example.com/" } };
    },
    'detect.witnesses[0].prob: expected one of the keys name, probe (got the unknown key "prob"; did you mean probe?)',
  ],
  [
    "AWS Health of no Region",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["EC2"] };
    },
    "detect.witnesses[0].region: expected the name of a Region such as eu-west-1 (got nothing)",
  ],
  [
    "AWS Health of no service",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: [], region: "eu-west-1" };
    },
    "detect.witnesses[0].awsHealth: expected a list of 1 to 20 service codes (got a list of 0 entries)",
  ],
  [
    "an unknown key of a new witness",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["EC2"], region: "eu-west-1", after: "3m" };
    },
    'detect.witnesses[0].after: expected one of the keys name, awsHealth, region (got the unknown key "after")',
  ],
  [
    "a status that HTTP has not",
    (d) => {
      d.detect.witnesses[1].probe.expect = [200, 700];
    },
    "detect.witnesses[1].probe.expect[1]: expected a whole number from 100 to 599 (got 700)",
  ],
  [
    "a word for a status",
    (d) => {
      d.detect.witnesses[1].probe.expect = "ok";
    },
    'detect.witnesses[1].probe.expect: expected an HTTP status from 100 to 599, or a list of them (got "ok")',
  ],
  [
    "an empty text to look for",
    (d) => {
      d.detect.witnesses[1].probe.contains = "";
    },
    'detect.witnesses[1].probe.contains: expected the text that the body must hold, at most 256 characters (got "")',
  ],
  [
    "a probe of a TCP port that is missing",
    (d) => {
      d.detect.witnesses[1].probe.url = "tcp://192.0.2.10";
    },
    'detect.witnesses[1].probe.url: expected a URL without a password, such as https://shop.example.com/healthz or tcp://192.0.2.10:5432 (got "tcp://192.0.2.10")',
  ],
  [
    "a probe of a port that does not exist",
    (d) => {
      d.detect.witnesses[1].probe.url = "tcp://192.0.2.10:70000";
    },
    'detect.witnesses[1].probe.url: expected a URL without a password, such as https://shop.example.com/healthz or tcp://192.0.2.10:5432 (got "tcp://192.0.2.10:70000")',
  ],
  [
    "a probe with a password, which is not repeated",
    (d) => {
      d.detect.witnesses[1].probe.url = "https://admin:hunter2@shop.example.com/healthz?token=hunter2";
    },
    'detect.witnesses[1].probe.url: expected a URL without a password, such as https://shop.example.com/healthz or tcp://192.0.2.10:5432 (got "https://...@shop.example.com/healthz?...")',
  ],
  [
    "a probe of a scheme that is none, with a token, which is not repeated",
    (d) => {
      d.detect.witnesses[1].probe.url = "ftp://shop.example.com/healthz?token=hunter2";
    },
    'detect.witnesses[1].probe.url: expected a URL without a password, such as https://shop.example.com/healthz or tcp://192.0.2.10:5432 (got "ftp://shop.example.com/healthz?...")',
  ],
  [
    "an unknown key of a probe",
    (d) => {
      d.detect.witnesses[1].probe.expects = 200;
    },
    'detect.witnesses[1].probe.expects: expected one of the keys url, connect, side, expect, contains, from (got the unknown key "expects"; did you mean expect?)',
  ],
  [
    "a maintenance without an end",
    (d) => {
      d.detect.maintenance = [{ cron: "0 2 ? * SUN *" }];
    },
    "detect.maintenance[0].for: expected a duration such as 30s, 15m, 1h or 7d (got nothing)",
  ],
];

describe("the form of detect", () => {
  it.each(mistakes)("the form of detect refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });
});
