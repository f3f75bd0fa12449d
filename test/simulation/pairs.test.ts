import { describe, expect, it } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { dependenciesOf } from "../../simulator/story/dependencies.ts";
import { globalControlPlaneServices } from "../../simulator/story/dependencies-planes.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { type Pair, pairs, problemsOf, warmDocument, warmPlan } from "./pairs.ts";

const played = async (plan: Plan, faults: object[], seed = 1) =>
  resultOf(await playStory({ plan, scenario: toScenario({ name: "pair", faults }, "pair", plan), seed, run: null }));

const dark = { fault: "region-down", region: "primary" };
const controlPlanes = { fault: "control-plane-down", services: globalControlPlaneServices };
const { zone, records } = warmDocument(pairs[0]!).traffic;
const byRecords = { switch: "records", zone, records };

describe.each(pairs)("from $primary to $recovery", (pair: Pair) => {
  const plan = warmPlan(pair);

  it.each([
    ["its primary Region dark", [dark]],
    ["its primary Region and every global control plane dark", [dark, controlPlanes]],
    ["us-east-1 dark beside its primary Region", [dark, { fault: "region-down", region: "us-east-1" }, controlPlanes]],
  ])("moves with %s, and breaks no invariant", async (_, faults) => {
    const stays = faults.length > 2 && pair.recovery === "us-east-1";

    const { outcome, world, invariants, runs } = await played(plan, faults);

    expect(invariants.filter(({ held }) => !held)).toEqual([]);
    // nobody can move it into a Region that is dark as well
    expect(outcome).toBe(stays ? "none" : "succeeded");
    expect(runs).toHaveLength(stays ? 0 : 1);
    expect(world.row?.active).toBe(stays ? pair.primary : pair.recovery);
  });

  it("needs nothing of the primary Region, nor of a global control plane", async () => {
    const { problems, warnings, dependencies, rehearsals } = await dependenciesOf(plan);

    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(rehearsals.map(({ outcome }) => outcome)).toEqual(["succeeded", "succeeded"]);
    const needed = dependencies.filter(({ path, needed }) => needed && (path === "failover" || path === "detect"));
    expect(new Set(needed.map(({ region }) => region))).toEqual(new Set([pair.recovery, "global", "internet"]));
    expect(needed.filter(({ home }) => home)).toEqual([]);
  });

  it("is told of a quorum that is lost with the primary Region, and takes one that is not", () => {
    const alarm = { name: "errors", alarm: "warm-5xx", region: pair.primary };
    const witnesses = [...warmDocument(pair).detect.witnesses, alarm];
    const quorum = (unhealthy: number) =>
      problemsOf(warmDocument(pair, { detect: { action: "automatic", witnesses, verdict: { unhealthy } } }));

    expect(quorum(2)).toEqual([]);
    expect(quorum(3)).toEqual([
      expect.stringMatching(
        new RegExp(`^detect.verdict.unhealthy: expected at most 2: .* while ${pair.primary} does not answer`),
      ),
    ]);
  });

  it("is told of a quorum that is lost with us-east-1, unless that is where it recovers", () => {
    const alarm = { name: "global", alarm: "warm-users", region: "us-east-1" };
    const witnesses = [...warmDocument(pair).detect.witnesses, alarm];
    const found = problemsOf(
      warmDocument(pair, { detect: { action: "automatic", witnesses, verdict: { unhealthy: 3 } } }),
    );

    if (pair.recovery === "us-east-1") expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining("while us-east-1 does not answer")]);
  });

  it("does not take the switch records unless the plan accepts a control plane", () => {
    expect(problemsOf(warmDocument(pair, { traffic: byRecords }))).toEqual([
      "traffic.acceptControlPlane: expected true: the switch records needs the Route 53 control plane in us-east-1 at the moment of a failover (got nothing)",
    ]);
    expect(problemsOf(warmDocument(pair, { traffic: { ...byRecords, acceptControlPlane: true } }))).toEqual([]);
  });
});

it("finds the control plane that the switch records needs, and says whether the plan accepts it", async () => {
  const accepting = warmPlan(pairs[2]!, { traffic: { ...byRecords, acceptControlPlane: true } });
  const silent = { ...accepting, traffic: { ...accepting.traffic!, acceptControlPlane: false } };
  const change = "failover: Reroute needs Route 53 ChangeResourceRecordSets, a global control plane in us-east-1";

  const accepted = await dependenciesOf(accepting);
  const refused = await dependenciesOf(silent);

  expect(accepted.problems).toEqual([]);
  expect(accepted.warnings).toContain(`${change}; the plan accepts that`);
  expect(accepted.rehearsals.map(({ outcome }) => outcome)).toEqual(["succeeded", "failed"]);
  expect(refused.warnings).toEqual([]);
  expect(refused.problems.map(({ message }) => message)).toContain(change);
  expect(refused.problems.map(({ message }) => message)).toContainEqual(
    expect.stringContaining("every global control plane down it ends failed"),
  );
});

it("finds that records cannot move out of us-east-1, whatever the plan accepts", async () => {
  const plan = warmPlan(pairs[0]!, { traffic: { ...byRecords, acceptControlPlane: true } });

  expect((await dependenciesOf(plan)).problems).toEqual([
    {
      message: expect.stringContaining("failover: with primary-region-down it ends failed"),
      hint: expect.stringContaining("lifeboat rehearse PLAN"),
    },
  ]);
});

it("starts the run of a plan that only tells people itself", async () => {
  const { detect } = warmDocument(pairs[2]!);
  const plan = warmPlan(pairs[2]!, { detect: { ...detect, action: "notify" } });

  expect((await dependenciesOf(plan)).problems).toEqual([]);
});
