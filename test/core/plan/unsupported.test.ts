import { describe, expect, it } from "vitest";
import { compilePlan } from "../../../functions/core/plan/compile.ts";
import { pathText } from "../../../functions/core/plan/values/problems.ts";
import { aDocument, type Edit, problemsOf } from "../../support/plan-document.ts";

const later: [name: string, edit: Edit, problem: string][] = [
  [
    "another kind, whatever its keys are",
    (d) => {
      d.protect[1] = { name: "web", kind: "aurora", cluster: "x" };
    },
    'protect[1].kind: expected instances (got "aurora": not supported yet)',
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
  it.each(later)("a key of a later version is refused where it would change a failover: %s", (_name, edit, problem) => {
    expect(problemsOf(edit)).toEqual([problem]);
  });

  it("a plan with keys of a later version names what is stored and not used yet", () => {
    const { notes, plan } = compilePlan(
      aDocument((d) => {
        d.protect[0].launch.drillSubnets = { "eu-central-1a": ["subnet-0d"] };
      }),
    );
    expect(notes.map(({ path, message }) => `${pathText(path)}: ${message}`)).toEqual([
      "protect[0].launch.drillSubnets: stored, not used yet",
    ]);
    expect(plan?.protect[0]?.launch.drillSubnets).toEqual({ "eu-central-1a": ["subnet-0d"] });
  });

  it("keys that detect reads get no note about a later version", () => {
    const { notes, plan } = compilePlan(
      aDocument((d) => {
        d.priority = 1;
        d.detect.approval = { within: "10m", otherwise: "act" };
        d.detect.maintenance = [{ cron: "0 2 ? * SUN *", for: "2h" }];
        d.detect.block = "2h";
      }),
    );
    expect(notes).toEqual([]);
    expect(plan).toMatchObject({
      priority: 1,
      detect: {
        approval: { withinSeconds: 600, otherwise: "act" },
        maintenance: [{ cron: "0 2 ? * SUN *", forSeconds: 7200 }],
        blockSeconds: 7200,
      },
    });
  });
});
