import { beforeAll, describe, expect, it } from "vitest";
import type { Plan } from "../../../functions/core/model/plan.ts";
import { bootOfServer } from "../../../simulator/ec2/boot.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { movedAt } from "../../../simulator/network/traffic-oracle.ts";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import type { Story } from "../../../simulator/story/played-story.ts";
import { resultOf } from "../../../simulator/story/result.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../../terminal/plan-file.ts";
import { rtoMaxOf } from "../../simulation/expected.ts";
import { pairPlan, playPair } from "../../support/pair.ts";

type Options = Parameters<typeof playPair>[0];
const play = (options: Options) => playPair(options);
const oracleOf = async (options: Options) => resultOf(await play(options)).rtoOracleSeconds!;
const launching = (plan: Plan, over: Partial<Plan["protect"][number]["launch"]>): Plan => ({
  ...plan,
  traffic: null,
  protect: plan.protect.map((one) => ({ ...one, launch: { ...one.launch, ...over } })),
});
/** Of the two servers, the faster first: from the launch to the first good answer, seconds. */
const serversOf = ({ world }: Story) =>
  [...ec2Of(world, "eu-west-1").instances.keys()]
    .map((id) => bootOfServer(world, id))
    .map(({ pendingSeconds, bootSeconds }) => pendingSeconds + bootSeconds)
    .sort((a, b) => a - b);

describe("the oracle of the RTO", () => {
  it("the oracle of the RTO is the slowest server, where a person starts the run and no traffic moves", async () => {
    const story = await play({ run: "failover", plan: launching(pairPlan(), {}) });
    const [, slower] = serversOf(story);
    expect(resultOf(story).rtoOracleSeconds).toBeCloseTo(slower!, 2);
  });

  it("the oracle of the RTO waits for no more servers than the plan's minimum", async () => {
    const story = await play({ run: "failover", plan: launching(pairPlan(), { minimumPercent: 50 }) });
    const [faster] = serversOf(story);
    expect(resultOf(story).rtoOracleSeconds).toBeCloseTo(faster!, 2);
  });

  it("the oracle of the RTO lets the plan's time pass where detection starts the run", async () => {
    const story = await play({ plan: launching(pairPlan(), {}) });
    const run = story.executions.find(({ machine }) => machine === "failover")!;
    const { incident } = run.input as { incident: { firstFailingAt: string } };
    // the witnesses agree some seconds after the first of them is red
    const agreed =
      Date.parse(story.startStates.get(run.arn)!.evidence!.verdict.since) - Date.parse(incident.firstFailingAt);
    const [, slower] = serversOf(story);
    expect(resultOf(story).rtoOracleSeconds).toBeCloseTo(agreed / 1_000 + 180 + slower!, 2);
  });

  it("the oracle of the RTO has the servers of all waves side by side where they boot together", async () => {
    const plan = launching(pairPlan(), {});
    const [first] = plan.protect as [Plan["protect"][number]];
    const twice = { ...plan, protect: [first, { ...first, name: "again" }] };
    const waves = (boot: "inOrder" | "together") => ({
      ...twice,
      recover: { ...plan.recover, waves: [["server"], ["again"]], boot },
    });
    const inOrder = await oracleOf({ run: "failover", plan: waves("inOrder") });
    const together = await oracleOf({ run: "failover", plan: waves("together") });
    expect(together).toBeLessThan(inOrder - 30);
  });

  it("the oracle of the RTO is the same figure as the floor that it replaces in JSON", async () => {
    const { rtoOracleSeconds, rtoFloorSeconds } = resultOf(await play({}));
    expect(rtoFloorSeconds).toBe(rtoOracleSeconds);
  });
});

const recordsOf = (plan: Plan): Plan => ({
  ...plan,
  traffic: { ...plan.traffic!, switch: "records", acceptControlPlane: true, healthCheck: "create" },
});

describe("when users are at the other side", () => {
  it.each([
    ["takeover", 1, pairPlan()],
    ["takeover", 2, pairPlan()],
    ["takeover", 3, pairPlan()],
    ["records", 1, recordsOf(pairPlan())],
    ["records", 2, recordsOf(pairPlan())],
  ] as const)(
    "by %s is told by the world's own clocks, from the time of the switch on (seed %i)",
    async (_, seed, plan) => {
      const story = await play({ seed, plan });
      const run = story.executions.find(({ machine }) => machine === "failover")!;
      const reroute = run.results.get("Reroute") as { at: string };
      const { servedAt } = run.results.get("VerifyTraffic") as { servedAt: string };
      const late = Date.parse(servedAt) - movedAt(story.world, plan, Date.parse(reroute.at));
      // a look of three seconds, and its questions
      expect(late).toBeGreaterThanOrEqual(-1_000);
      expect(late).toBeLessThan(6_000);
    },
  );
});

describe("the web shop, with thirty seeds", () => {
  const figures: { rto: number; oracle: number; most: number }[] = [];
  beforeAll(async () => {
    const plan = readPlanOrThrow(new URL("../../../examples/web-shop.yml", import.meta.url).pathname);
    const scenario = readScenario("primary-region-down", plan);
    for (let seed = 1; seed <= 30; seed += 1) {
      const story = await playStory({ plan, scenario, seed, run: null });
      const { rtoSeconds, rtoOracleSeconds } = resultOf(story);
      figures.push({ rto: rtoSeconds!, oracle: rtoOracleSeconds!, most: rtoMaxOf(story)! });
    }
  });

  it("a rehearsal of the web shop with thirty seeds is never faster than the oracle, and no slower than one that takes eight seconds at each turn", () => {
    expect(figures).toHaveLength(30);
    for (const { rto, oracle, most } of figures) {
      expect(rto).toBeGreaterThanOrEqual(oracle);
      expect(rto).toBeLessThanOrEqual(most);
    }
  });

  it("a rehearsal of the web shop with thirty seeds is slower by a twentieth at most on average", ({ annotate }) => {
    const ratios = figures.map(({ rto, oracle }) => rto / oracle);
    const mean = ratios.reduce((sum, one) => sum + one, 0) / ratios.length;
    void annotate(`RTO / oracle: ${mean.toFixed(3)} on average, ${Math.max(...ratios).toFixed(3)} at worst`);
    expect(mean).toBeLessThanOrEqual(1.05);
  });
});
