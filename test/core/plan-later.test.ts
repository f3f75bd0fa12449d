import { describe, expect, it } from "vitest";
import { compilePlan } from "../../functions/core/plan-compile.ts";
import { pathText } from "../../functions/core/plan-problems.ts";
import { aDocument, type Edit, problemsOf } from "../support/plan-document.ts";

const later: [name: string, edit: Edit, problem: string][] = [
  [
    "another kind, whatever its keys are",
    (d) => {
      d.protect[1] = { name: "web", kind: "aurora", cluster: "x" };
    },
    'protect[1].kind: expected instances (got "aurora": not supported yet)',
  ],
  [
    "action approve",
    (d) => {
      d.detect.action = "approve";
    },
    'detect.action: expected notify or automatic (got "approve": not supported yet)',
  ],
  [
    "a routing control",
    (d) => {
      d.traffic.switch = "routing-control";
    },
    'traffic.switch: expected takeover or records (got "routing-control": not supported yet)',
  ],
  [
    "a cluster",
    (d) => {
      d.traffic.cluster = "arn:x";
    },
    "traffic.cluster: expected no key cluster (got the key cluster: not supported yet)",
  ],
  [
    "another policy",
    (d) => {
      d.traffic.records[0].policy = "weighted";
    },
    'traffic.records[0].policy: expected failover or simple (got "weighted": not supported yet)',
  ],
  [
    "steps",
    (d) => {
      d.traffic.records[0].steps = [10, 50];
    },
    "traffic.records[0].steps: expected no key steps (got the key steps: not supported yet)",
  ],
  [
    "a gate",
    (d) => {
      d.traffic.records[0].gate = "2m";
    },
    "traffic.records[0].gate: expected no key gate (got the key gate: not supported yet)",
  ],
  [
    "routing controls of a record",
    (d) => {
      d.traffic.records[0].routingControls = {};
    },
    "traffic.records[0].routingControls: expected no key routingControls (got the key routingControls: not supported yet)",
  ],
  [
    "a health check as a witness",
    (d) => {
      d.detect.witnesses[0] = { name: "r", healthCheck: "11111111-2222-3333-4444-555555555555" };
    },
    "detect.witnesses[0].healthCheck: expected a witness of alarm, probe or api (got the key healthCheck: not supported yet)",
  ],
  [
    "silence as a witness",
    (d) => {
      d.detect.witnesses[0] = { name: "s", silence: "eu-west-1", after: "3m" };
    },
    "detect.witnesses[0].silence: expected a witness of alarm, probe or api (got the key silence: not supported yet)",
  ],
  [
    "AWS Health as a witness",
    (d) => {
      d.detect.witnesses[0] = { name: "h", awsHealth: ["EC2"], region: "eu-west-1" };
    },
    "detect.witnesses[0].awsHealth: expected a witness of alarm, probe or api (got the key awsHealth: not supported yet)",
  ],
  [
    "a verify from subnets",
    (d) => {
      d.protect[0].verify.from = { subnets: [] };
    },
    "protect[0].verify.from: expected targetGroup, public or ssm (got a map with subnets: not supported yet)",
  ],
];

describe("what a later version builds", () => {
  it.each(later)("is refused where it would change a failover: %s", (_name, edit, problem) => {
    expect(problemsOf(edit)).toEqual([problem]);
  });

  it("names what is stored and not used yet", () => {
    const { notes, plan } = compilePlan(
      aDocument((d) => {
        d.priority = 1;
        d.detect.approval = { within: "10m", otherwise: "act" };
        d.detect.maintenance = [{ cron: "0 2 ? * SUN *", for: "2h" }];
        d.detect.block = "2h";
        Object.assign(d.protect[0], { keep: { daily: 7 }, timeBased: true, lock: "7d" });
        d.protect[0].launch.drillSubnets = { "eu-central-1a": ["subnet-0d"] };
      }),
    );
    expect(notes.map(({ path, message }) => `${pathText(path)}: ${message}`)).toEqual([
      "priority: stored, not used yet",
      "detect.approval: stored, not used yet",
      "detect.block: used by detect; acknowledging is not supported yet",
      "detect.maintenance: stored, not used yet",
      "protect[0].launch.drillSubnets: stored, not used yet",
    ]);
    expect(plan).toMatchObject({
      priority: 1,
      detect: {
        approval: { withinSeconds: 600, otherwise: "act" },
        maintenance: [{ cron: "0 2 ? * SUN *", forSeconds: 7200 }],
        blockSeconds: 7200,
      },
    });
    expect(plan?.protect[0]).toMatchObject({
      keep: { hourly: 0, daily: 7, weekly: 0, monthly: 0, yearly: 0 },
      timeBased: true,
      lockSeconds: 604_800,
      launch: { drillSubnets: { "eu-central-1a": ["subnet-0d"] } },
    });
  });
});
