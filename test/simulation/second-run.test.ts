import { expect, it } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { tag } from "../../simulator/ec2/tags.ts";
import { leftovers } from "../../simulator/invariants/invariants.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import type { Story, StoryOptions } from "../../simulator/story/played-story.ts";
import { outcomeOf, resultOf, servedAt } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";

/** A failover that dies half-way, and a person who starts it again: served, nothing twice, nothing left over. */
const planAt = (file: string) => readPlanOrThrow(new URL(`../../${file}`, import.meta.url).pathname);
const pair = planAt("test/simulation/two-servers.yml");
const auto = (plan: Plan): Plan => ({
  ...plan,
  protect: plan.protect.map((one) => ({ ...one, launch: { ...one.launch, address: "auto" } })),
});

type Death = { plan: Plan; state: string; nth?: number; faults?: unknown[]; input?: object };
const play = async ({ plan, state, nth = 1, faults = [], input = {} }: Death) => {
  let entered = 0;
  const onInvoking: StoryOptions["onInvoking"] = (execution, name, executions) => {
    if (execution.machine === "failover" && name === state && ++entered === nth)
      executions.stop(execution.arn, "ABORTED");
  };
  const outage = { at: "0s", fault: "region-down", region: "primary" };
  const start = { at: "15m", do: "failover", input: { approve: true, ...input } };
  const scenario = toScenario({ name: "again", faults: [outage, ...faults], operations: [start] }, "again", plan);
  const story = await playStory({ plan, scenario, seed: 1, run: null, onInvoking });
  return { story, entered };
};

const moved = ({ executions }: Story) => {
  const runs = executions.filter(({ machine, input }) => machine === "failover" && !("answer" in (input as object)));
  return { runs, last: runs.at(-1)! };
};
const live = ({ world, plan }: Story) =>
  [...ec2Of(world, plan.regions.recovery).instances.values()].filter(
    (one) => tag(one, tagKeys.server) && one.state !== "terminated" && one.state !== "shutting-down",
  );

const isWell = (story: Story) => {
  const { runs, last } = moved(story);
  expect(runs.map(({ status }) => status)).toEqual(["ABORTED", "SUCCEEDED"]);
  expect(outcomeOf(last)).toBe("succeeded");
  expect(servedAt(last)).not.toBeNull();
  const servers = live(story).map((one) => tag(one, tagKeys.server));
  expect(servers.toSorted()).toEqual([...new Set(servers)].toSorted());
  const broken = resultOf(story).invariants.filter(({ held }) => !held);
  expect(broken).toEqual([]);
  expect(leftovers(story)).toEqual([]);
};

it.each(["Preflight", "LossGate", "Launch", "CheckProgress", "Attach", "Verify", "JudgeWave", "Fence"])(
  "after one that died as it entered %s",
  async (state) => {
    const { story, entered } = await play({ plan: pair, state });
    expect(entered).toBeGreaterThan(0);
    isWell(story);
  },
);

it.each([
  ["the minimal plan", planAt("examples/minimal.yml"), "Verify"],
  ["the minimal plan, addresses that EC2 chooses", auto(planAt("examples/minimal.yml")), "Verify"],
  ["the web shop, in its second wave", planAt("examples/web-shop.yml"), "JudgeWave"],
  ["the web shop, addresses that EC2 chooses", auto(planAt("examples/web-shop.yml")), "JudgeWave"],
])("after one of %s", async (_, plan, state) => {
  const { story } = await play({ plan, state, nth: plan.recover.waves.length });
  isWell(story);
  const { runs, last } = moved(story);
  // what the first one launched is used: the second one launches nothing beside it
  const own = live(story);
  expect(own.every((one) => tag(one, tagKeys.run) === last.name)).toBe(true);
  const since = Date.parse(new Date(runs[1]!.startedAt).toISOString());
  const launches = story.world.journal.filter(
    ({ operation, at, outcome }) => operation === "RunInstances" && outcome === "ok" && Date.parse(at) > since,
  );
  expect(launches).toEqual([]);
});

it("removes what was launched from a point that is no longer the one to restore, and launches anew at its addresses", async () => {
  // an hour and a half, so that there are several points
  const longer = { at: "-90m", for: "1s", fault: "slow-copy", factor: 1 };
  const death = { plan: pair, state: "JudgeWave", faults: [longer] };
  const { story: before } = await play(death);
  const { points: known } = stateOf(before.world, pair.regions.recovery, pair.application);
  const complete = known.filter(({ state }) => state === "complete");
  const pinned = Object.values((moved(before).runs[0]!.results.get("AcquireLease") as { points: object }).points);
  const older = complete.find(({ id }) => !pinned.includes(id))!;

  const { story } = await play({ ...death, input: { recoveryPoint: older.id, force: true } });

  isWell(story);
  const points = live(story).map((one) => tag(one, tagKeys.point));
  expect(new Set(points)).toEqual(new Set([older.id]));
});
