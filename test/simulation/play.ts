import { readPlan } from "../../cli/plan-file.ts";
import type { Plan } from "../../functions/core/plan.ts";
import { leftovers } from "../../simulator/invariants.ts";
import { resultOf } from "../../simulator/result.ts";
import { objectKeys } from "../../simulator/s3.ts";
import { readScenario, toScenario } from "../../simulator/scenario.ts";
import { stateOf } from "../../simulator/state-of.ts";
import { playStory } from "../../simulator/story.ts";
import { wrong } from "./expected.ts";
import type { Job } from "./pool.ts";

const planOf = (file: string): Plan => {
  const { plan, problems } = readPlan(new URL(`../../${file}`, import.meta.url).pathname);
  if (!plan) throw new Error(`${file}: ${JSON.stringify(problems)}`);
  return plan;
};

/** Plays one job and says what was wrong. */
export const play = async (job: Job): Promise<string[]> => {
  if (job.kind === "seed") return playSeed(job);
  if (job.kind === "crash") return playCrash(job);
  return playStop(job);
};

const playSeed = async ({ plan: file, scenario: name, seed, twice }: Extract<Job, { kind: "seed" }>) => {
  const plan = planOf(file);
  const scenario = readScenario(name, plan);
  const result = resultOf(await playStory({ plan, scenario, seed, run: null }));
  if (!twice) return wrong(result);
  const again = resultOf(await playStory({ plan, scenario, seed, run: null }));
  const same = JSON.stringify(again) === JSON.stringify(result);
  return [...wrong(result), ...(same ? [] : ["the same seed gave another story"])];
};

/** The plan of the matrices: two servers, so that every step has calls to crash at, and few enough to crash at each. */
export const matrixPlan = () => planOf("test/simulation/two-servers.yml");

/** The container dies at one mutating call: the run ends well all the same, and two passes later nothing is left twice. */
const playCrash = async ({ machine, step, operation, nth, when }: Extract<Job, { kind: "crash" }>) => {
  const plan = matrixPlan();
  const crash = { at: "0s", fault: "lambda-crash", step, operation, nth, when };
  const dark = { at: "0s", fault: "region-down", region: "primary" };
  const faults = machine === "failover" ? [dark, crash] : [crash];
  const scenario = toScenario({ name: "crash", faults }, "crash", plan);
  const furtherPasses = machine === "replicate" ? 2 : 0;
  const story = await playStory({ plan, scenario, seed: 1, run: machine, furtherPasses });
  const result = resultOf(story);
  const crashed = story.stage.crashes.every(({ count }) => count === 0);
  return [
    ...(crashed ? [] : ["the crash did not happen"]),
    ...(result.runs[0]?.outcome === "succeeded" ? [] : [`ended ${result.runs[0]?.outcome}: ${result.error?.message}`]),
    ...result.invariants.filter(({ held }) => !held).map(({ name, detail }) => `law ${name}: ${detail}`),
    ...leftovers(story),
  ];
};

/** The execution is aborted, or times out, as it enters a state: `close` reports it and frees the lease. */
const playStop = async ({ machine, state, status }: Extract<Job, { kind: "stop" }>) => {
  const plan = matrixPlan();
  const faults = machine === "failover" ? [{ at: "0s", fault: "region-down", region: "primary" }] : [];
  const scenario = toScenario({ name: "stop", faults }, "stop", plan);
  let stopped: string | null = null;
  const story = await playStory({
    plan,
    scenario,
    seed: 1,
    run: machine,
    onInvoking: (execution, entered, executions) => {
      if (stopped || execution.name !== `${machine}-by-hand` || entered !== state) return;
      stopped = execution.name;
      executions.stop(execution.arn, status);
    },
  });
  const { row } = stateOf(story.world, plan.regions.recovery, plan.application);
  const held = [row?.run?.name, row?.protect?.name].includes(`${machine}-by-hand`);
  const reported = objectKeys(story.world, plan.regions.recovery).some((key) => key.includes(`${machine}-by-hand`));
  const leased = !["LoadPlan", "AcquireLease"].includes(state);
  return [
    ...(stopped ? [] : [`${state} was never entered`]),
    ...(held ? ["the lease is still held"] : []),
    ...(reported || !leased ? [] : ["no report was written"]),
    ...(row?.phase === "running" ? ["the row still says running"] : []),
  ];
};
