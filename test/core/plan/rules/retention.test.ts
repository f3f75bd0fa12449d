import { describe, expect, it } from "vitest";
import { compilePlan } from "../../../../functions/core/plan/compile.ts";
import { aDocument, type Edit, problemsOf, warningsOf } from "../../../support/plan-document.ts";

const mistakes: [name: string, edit: Edit, ...problems: string[]][] = [
  [
    "no class of points kept",
    (d) => {
      d.protect[0].keep = { daily: 0 };
    },
    "protect[0].keep: expected at least one class above 0: hourly, daily, weekly, monthly or yearly (got 0 in all)",
  ],
  [
    "no class of source snapshots kept",
    (d) => {
      d.protect[1].keepSource = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
    },
    "protect[1].keepSource: expected at least one class above 0: hourly, daily, weekly, monthly or yearly (got 0 in all)",
  ],
  [
    "a lock that is not counted in whole days",
    (d) => {
      d.protect[0].lock = "36h";
    },
    'protect[0].lock: expected a duration of whole days such as 0d or 7d, at most 36500d (got "36h")',
  ],
  [
    "a lock above what EC2 takes",
    (d) => {
      d.protect[0].lock = "36501d";
    },
    'protect[0].lock: expected a duration of whole days such as 0d or 7d, at most 36500d (got "36501d")',
  ],
];

describe("what a plan keeps", () => {
  it.each(mistakes)("the rules of retention refuse %s", (_name, edit, ...problems) => {
    expect(problemsOf(edit)).toEqual(problems);
  });

  it("warns of a lock that outlasts points of which one an hour stays", () => {
    const edit: Edit = (d) => Object.assign(d.protect[0], { lock: "7d", keep: { hourly: 24, daily: 30 } });
    expect(problemsOf(edit)).toEqual([]);
    expect(warningsOf(edit)).toEqual([
      "protect[0].lock: 7d: longer than keep holds every point (of the points of one period hourly keeps the newest), so locked copies outlive their points and cost storage",
    ]);
  });

  it("warns of a lock longer than its finest class counts", () => {
    const edit: Edit = (d) => {
      d.objectives.rpo = "2d";
      Object.assign(d.protect[0], { every: "rate(1 day)", lock: "8d", keep: { daily: 7, weekly: 4 } });
    };
    expect(warningsOf(edit)).toEqual([
      "protect[0].lock: 8d: longer than keep holds every point (daily: 7), so locked copies outlive their points and cost storage",
    ]);
  });

  it("the rules of retention say nothing of a lock that every point outlasts, nor of none", () => {
    const fits: Edit = (d) => {
      d.objectives.rpo = "2d";
      Object.assign(d.protect[0], { every: "rate(1 day)", lock: "168h", keep: { daily: 7 } });
      d.protect[1].lock = "0d";
    };
    expect(warningsOf(fits)).toEqual([]);
  });

  it("compiles what is kept on each side, and the lock in seconds", () => {
    const { plan } = compilePlan(
      aDocument((d) => {
        d.objectives.rpo = "2d";
        Object.assign(d.protect[0], { every: "rate(1 day)", keepSource: { daily: 2 }, lock: "2d" });
      }),
    );
    expect(plan?.protect[0]).toMatchObject({
      keep: { hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 0 },
      keepSource: { hourly: 0, daily: 2, weekly: 0, monthly: 0, yearly: 0 },
      lockSeconds: 172_800,
    });
    expect(plan?.protect[1]?.keepSource).toBeNull();
  });
});
