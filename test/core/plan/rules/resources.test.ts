import { describe, expect, it } from "vitest";
import { type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "a resource in no wave",
    (d) => {
      d.recover.waves = [["app"]];
    },
    "recover.waves: expected every resource in one wave (got none with web)",
  ],
  [
    "a resource in two waves",
    (d) => {
      d.recover.waves = [["app"], ["web", "app"]];
    },
    "recover.waves[1][1]: expected each resource in one wave (got app again)",
  ],
  [
    "a wave with a stranger",
    (d) => {
      d.recover.waves = [["app"], ["web", "wb"]];
    },
    "recover.waves[1][1]: expected the name of a resource: app, web (got wb; did you mean web?)",
  ],
  [
    "a verify that needs what is not there",
    (d) => {
      d.protect[0].verify.from = "targetGroup";
    },
    "protect[0].verify.from: expected launch.targetGroups with at least one ARN, or another from (got targetGroup without target groups)",
  ],
  [
    "a verify that asks nothing",
    (d) => {
      d.protect[0].verify = { from: "ssm" };
    },
    "protect[0].verify: expected one of http, https and tcp (got none of them)",
  ],
  [
    "a verify that asks two things",
    (d) => {
      d.protect[0].verify = { https: ":8443/", tcp: ":5432", from: "ssm" };
    },
    "protect[0].verify.tcp: expected one of http, https and tcp (got tcp beside https)",
  ],
  [
    "nothing to protect and nothing to move",
    (d) => {
      d.protect = [];
      d.recover.waves = [];
      delete d.traffic;
    },
    "protect: expected at least one resource, or traffic to move (got neither)",
  ],
];

const doubts: [name: string, edit: Edit, ...warnings: string[]][] = [
  [
    "a schedule that misses the rpo",
    (d) => {
      d.protect[0].every = "rate(1 hour)";
    },
    "protect[0].every: points can get 75 minutes old (the longest interval and 15 minutes for the copy), above the rpo of 1h",
  ],
  [
    "the longest gap of a cron schedule",
    (d) => {
      d.protect[0].every = "cron(0/30 8-17 * * ? *)";
    },
    "protect[0].every: points can get 885 minutes old (the longest interval and 15 minutes for the copy), above the rpo of 1h",
  ],
  [
    "a verify from outside without Elastic IPs",
    (d) => {
      d.protect[0].verify.from = "public";
    },
    "protect[0].verify.from: servers without an Elastic IP answer from outside only if their subnet gives them a public address",
  ],
  [
    "a fence that cannot be proven",
    (d) => {
      d.recover.fence = "required";
    },
    "recover.fence: required: while eu-west-1 cannot be reached, every failover stops, automatic or manual",
  ],
];

describe("the resources of a plan", () => {
  it.each(mistakes)("the rules of resources refuse %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it.each(doubts)("warns of %s", (_name, edit, ...warnings) => {
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual(warnings);
  });
});

describe("what a plan selects", () => {
  it("a selection is no pattern, and one that looks like one gets a warning", () => {
    const warnings = warningsOf((d) => {
      d.protect[0].select.tags = { App: "*", Team: "R&D?", Path: "a\\b" };
    });
    expect(warnings.filter((text) => text.includes("select"))).toEqual([
      "protect[0].select.tags.App: * is not a wildcard: it selects only servers with exactly this value",
      "protect[0].select.tags.Team: R&D? is not a wildcard: it selects only servers with exactly this value",
    ]);
  });

  it("may be a tag of AWS, which Lifeboat cannot set", () => {
    const warnings = warningsOf((d) => {
      d.protect[0].select.tags = { "aws:autoscaling:groupName": "web" };
    });
    expect(warnings).toContain(
      'protect[0].select.tags."aws:autoscaling:groupName": only AWS can set this tag: servers launched in the recovery Region do not have it',
    );
  });
});
