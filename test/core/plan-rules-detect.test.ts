import { describe, expect, it } from "vitest";
import { type Edit, problemsOf, warningsOf } from "../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "a quorum that needs the alarm of a dark Region",
    (d) => {
      d.detect.verdict.unhealthy = 3;
    },
    "detect.verdict.unhealthy: expected at most 2: the witnesses that can say unhealthy while eu-west-1 is dark are canary, region (got 3)",
  ],
  [
    "a quorum that needs an alarm in us-east-1",
    (d) => {
      d.detect.witnesses = [
        { name: "a", alarm: "a", region: "us-east-1" },
        { name: "b", api: "eu-west-1" },
      ];
    },
    "detect.verdict.unhealthy: expected at most 1: the witnesses that can say unhealthy while us-east-1 is dark are b (got 2)",
  ],
  [
    "no regional witness",
    (d) => {
      d.detect.witnesses[2] = { name: "us", api: "us-west-2" };
    },
    "detect.verdict.regional: expected at most 0, the number of witnesses { api: eu-west-1 } (got 1)",
  ],
  [
    "automatic without a regional witness",
    (d) => {
      d.detect.verdict.regional = 0;
    },
    "detect.verdict.regional: expected at least 1 with action automatic: a bad release is no failed Region (got 0)",
  ],
  [
    "a probe through the switched name",
    (d) => {
      delete d.detect.witnesses[1].probe.connect;
    },
    "detect.witnesses[1].probe.connect: expected an address of the primary side, since shop.example.com is switched by traffic (got nothing)",
  ],
];

const doubts: [name: string, edit: Edit, ...warnings: string[]][] = [
  [
    "a plan that nobody watches",
    (d) => {
      delete d.detect;
    },
    "detect: nothing watches this application: only a person starts a failover",
  ],
  [
    "a notice to nobody",
    (d) => {
      d.detect.action = "notify";
      delete d.notify;
    },
    "detect.action: notify tells nobody without notify.topics",
  ],
];

describe("the witnesses of a plan", () => {
  it.each(mistakes)("refuses %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it.each(doubts)("warns of %s", (_name, edit, ...warnings) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual(warnings);
  });
});
