import type { Plan } from "../../functions/core/model/plan.ts";
import type { Denial } from "../../simulator/iam/authorize.ts";
import { leftovers } from "../../simulator/invariants/invariants.ts";
import { readScenario, toScenario } from "../../simulator/scenario/scenario.ts";
import { objectKeys } from "../../simulator/services/s3.ts";
import type { Story, StoryOptions } from "../../simulator/story/played-story.ts";
import { type Result, resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { underOurRoles } from "../support/rights.ts";
import { tiersPlan, tiersWorld } from "../support/tiers.ts";
import { playBrownOut } from "./brown-outs.ts";
import { rtoMaxOf, wrong } from "./expected.ts";
import { playFleetJob } from "./fleet.ts";
import { playDirectory } from "./hurt.ts";
import { playIncident } from "./incidents.ts";
import type { Job } from "./pool.ts";

type Crash = Extract<Job, { kind: "crash" }>;

const planOf = (file: string): Plan => {
  const { plan, problems } = readPlan(new URL(`../../${file}`, import.meta.url).pathname);
  if (!plan) throw new Error(`${file}: ${JSON.stringify(problems)}`);
  return plan;
};

/** Plays one job and says what was wrong. */
export const play = async (job: Job): Promise<string[]> => {
  if (job.kind === "brown-out") return playBrownOut(job);
  if (job.kind === "fleet") return playFleetJob(job);
  if (job.kind === "incident") return playIncident(job);
  if (job.kind === "directory") return playDirectory(job);
  if (job.kind === "seed") return playSeed(job);
  if (job.kind === "crash") return playCrash(job);
  return playStop(job);
};

const playSeed = async ({ plan: file, scenario: name, seed, twice }: Extract<Job, { kind: "seed" }>) => {
  const plan = planOf(file);
  const scenario = readScenario(name, plan);
  let denials: Denial[] = [];
  // the first seed under the very roles of a deployment; it costs a fifth of a story, and other seeds make the same calls
  const began: StoryOptions["began"] = (environment) => {
    if (seed === 1) denials = underOurRoles(environment);
  };
  const story = await playStory({ plan, scenario, seed, run: null, began });
  const result = resultOf(story);
  const found = wrong(result, rtoMaxOf(story));
  const denied = denials.map(({ step, action, resource }) => `the role of ${step} may not ${action} ${resource}`);
  if (!twice) return [...found, ...denied];
  const again = resultOf(await playStory({ plan, scenario, seed, run: null, began }));
  const same = JSON.stringify(again) === JSON.stringify(result);
  return [...found, ...denied, ...(same ? [] : ["the same seed gave another story"])];
};

/**
 * The plan of the matrices: two servers, so that every step has calls to crash at, and few enough to crash at each. A
 * rotation keeps one point of it.
 */
export const matrixPlan = (machine: string): Plan => {
  const plan = planOf("test/simulation/two-servers.yml");
  if (machine !== "rotate") return plan;
  const keep = { hourly: 1, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  return { ...plan, protect: plan.protect.map((resource) => ({ ...resource, keep, keepSource: null })) };
};

/** What a person starts at time 0; detect and close are hurt in whole stories. */
export const runOf = (machine: Crash["machine"]): Pick<StoryOptions, "run" | "input"> => {
  if (machine === "detect") return { run: null };
  if (machine === "rotate") return { run: machine, input: { approve: true } };
  return { run: machine === "close" ? "failover" : machine };
};

/** Faults of a story: the dark Region that a failover is for, or hours in which there comes to be something to rotate. */
export const before = (machine: string) => {
  if (machine === "replicate") return [];
  if (machine === "rotate") return [{ at: "-90m", for: "1s", fault: "slow-copy", factor: 1 }];
  return [{ at: "0s", fault: "region-down", region: "primary" }];
};

/**
 * The container dies at one mutating call: the run ends well all the same, and two passes later nothing is left twice.
 * `detect` is hurt in a whole story, `close` while it closes a failover that was aborted at Launch.
 */
const playCrash = async ({ machine, step, operation, nth, when }: Crash) => {
  const plan = matrixPlan(machine);
  const crash = { at: "0s", fault: "lambda-crash", step, operation, nth, when };
  const scenario = toScenario({ name: "crash", faults: [...before(machine), crash] }, "crash", plan);
  const closing = machine === "close" ? stopAt("failover", "Launch", "ABORTED") : null;
  const story = await playStory({
    plan,
    scenario,
    seed: 1,
    ...runOf(machine),
    furtherPasses: replicates(machine) ? 2 : 0,
    ...(closing && { onInvoking: closing.onInvoking }),
  });
  const result = resultOf(story);
  const crashed = story.environment.crashes.every(({ count }) => count === 0);
  const [run] = result.runs;
  const well = closing
    ? run?.outcome === "failed"
    : run?.outcome === "succeeded" && (replicates(machine) || result.runs.length === 1);
  return [
    ...(crashed ? [] : ["the crash did not happen"]),
    ...(well ? [] : [`ended ${result.runs.map(({ outcome }) => outcome)}: ${result.error?.message}`]),
    ...brokenInvariants(result),
    ...(closing ? leaseOf(story) : leftovers(story)),
  ];
};

/** The execution is aborted, or times out, as it enters a state: `close` reports it and frees the lease. */
const playStop = async ({ machine, state, status }: Extract<Job, { kind: "stop" }>) => {
  const tiers = state === "MoveNames";
  const usual = tiers ? tiersPlan() : matrixPlan(machine);
  const plan = state === "Gate" ? weighted(usual) : usual;
  const asks = state === "Ask" || state === "Consider";
  const given = { name: "stop", faults: asks ? [] : before(machine), ...(tiers && { world: tiersWorld }) };
  const scenario = toScenario(given, "stop", plan);
  const stop = stopAt(machine, state, status);
  const run = { ...runOf(machine), ...(asks && { input: { approve: false } }) };
  const story = await playStory({ plan, scenario, seed: 1, ...run, onInvoking: stop.onInvoking });
  const reported = objectKeys(story.world, plan.regions.recovery).some((key) => key.includes(`${machine}-by-hand`));
  const leased = !["LoadPlan", "AcquireLease"].includes(state);
  return [
    ...(stop.happened() ? [] : [`${state} was never entered`]),
    ...(reported || !leased ? [] : ["no report was written"]),
    ...brokenInvariants(resultOf(story)),
    ...leaseOf(story),
  ];
};

/** Gate is entered where weights move in steps. */
const weighted = (plan: Plan): Plan => {
  const traffic = plan.traffic!;
  const records = traffic.records.map((record) => ({
    ...record,
    policy: "weighted" as const,
    steps: [50, 100],
    gateSeconds: 60,
  }));
  return { ...plan, traffic: { ...traffic, switch: "records", acceptControlPlane: true, records } };
};

const replicates = (machine: string) => machine === "replicate" || machine === "rotate";

const stopAt = (machine: string, state: string, status: "ABORTED" | "TIMED_OUT") => {
  let stopped = false;
  const onInvoking: StoryOptions["onInvoking"] = (execution, entered, executions) => {
    if (stopped || execution.name !== `${machine}-by-hand` || entered !== state) return;
    stopped = true;
    executions.stop(execution.arn, status);
  };
  return { onInvoking, happened: () => stopped };
};

const brokenInvariants = ({ invariants }: Result) =>
  invariants.filter(({ held }) => !held).map(({ name, detail }) => `invariant ${name}: ${detail}`);

const leaseOf = ({ world, plan }: Story) => {
  const { row } = stateOf(world, plan.regions.recovery, plan.application);
  const holder = row?.run?.name ?? row?.protect?.name;
  return [
    ...(holder ? [`the lease is still held by ${holder}`] : []),
    ...(row?.phase === "running" ? ["the row still says running"] : []),
  ];
};
