import { homeOf } from "../../functions/core/model/direction.ts";
import { judgeOutcome, readError } from "../../functions/core/run/outcome.ts";
import type { Invariant } from "../invariants/invariant.ts";
import { invariantsOf } from "../invariants/invariants.ts";
import type { CallRecord } from "../kernel.ts";
import type { Execution } from "../machines/executions.ts";
import { applicationOf, isPass, runsOf } from "../machines/runs.ts";
import { objectText } from "../services/s3.ts";
import { costUsd } from "../world/cost.ts";
import { pinnedPoints, stateOf } from "../world/state-of.ts";
import { inventoryOf } from "../world/world-inventory.ts";
import { oracleSeconds } from "./oracle.ts";
import type { Story } from "./played-story.ts";
import { fenceOf, type UsersFigures, usersFigures } from "./result-users.ts";

/** What `rehearse --json` prints: the contract of design section 7. Times are ISO 8601 of the virtual clock. */
export type Result = {
  application: string;
  scenario: string;
  seed: number;
  simulated: true;
  zeroAt: string;
  /** `application` when there are several. */
  decisions: { application?: string; at: string; action: string; code: string; because: string }[];
  runs: {
    application?: string;
    run: string;
    id: string;
    outcome: string;
    startedAt: string;
    endedAt: string | null;
    /** Why it did nothing: another execution had the lease, or no snapshot could be taken. */
    idle?: string;
  }[];
  /** The one of `runs` that `outcome`, `error` and `report` are about: the run that was asked for, or else the last; null: none. */
  runId: string | null;
  outcome: "succeeded" | "failed" | "refused" | "held" | "none";
  error: { name: string; message: string; hint: string } | null;
  rtoSeconds: number | null;
  /** RTO of a controller that takes no time, in the same world: no run is faster. */
  rtoOracleSeconds: number | null;
  /** The same figure under its former name. */
  rtoFloorSeconds: number | null;
  fence: "proven" | "unreachable" | "none";
  rpoSeconds: number | null;
  lossSeconds: number | null;
  objectives: { rtoSeconds: number; rpoSeconds: number };
  steps: { state: string; resource: string; server: string; startedAt: string; endedAt: string; outcome: string }[];
  calls: Omit<CallRecord, "input" | "machine" | "execution" | "patience">[];
  invariants: Invariant[];
  transitions: number;
  /** Events in the history of the execution that has the most: 25,000 end one. */
  historyEvents: number;
  invocations: number;
  costUsd: number;
  /** The run's own report, as Markdown. */
  report: string | null;
  world: ReturnType<typeof inventoryOf>;
} & UsersFigures;

/** Tells a played story; with several applications `outcome` and all that follows it are those of the plan's own. */
export const resultOf = (story: Story): Result => {
  const { plan, scenario, seed, executions, run, others } = story;
  const moving = runsOf(executions);
  const shown = executions.filter((one) =>
    run
      ? one.machine === run && one.startedAt >= story.zeroAt && (run !== "failover" || moving.includes(one))
      : moving.includes(one),
  );
  const own = shown.filter((one) => applicationOf(one) === plan.application);
  const last = (run ? own[0] : own.at(-1)) ?? null;
  const named = (application: string) => (others.length > 0 ? { application } : {});
  const served = last && servedAt(last) ? Date.parse(servedAt(last)!) : null;
  const rto = served === null ? null : (served - countsFrom(story, last!)) / 1_000;
  const oracle = last && last.machine === "failover" ? oracleSeconds(story, last, countsFrom(story, last)) : null;
  const transitions = executions.reduce((sum, { transitions }) => sum + transitions, 0);
  const { invocations } = story.spent;
  return {
    application: plan.application,
    scenario: scenario.name,
    seed,
    simulated: true,
    zeroAt: iso(story.zeroAt),
    decisions: [story, ...others]
      .flatMap((one) => one.decisions.map((decision) => ({ ...named(one.plan.application), ...decision })))
      .sort((a, b) => a.at - b.at)
      .map((decision) => ({ ...decision, at: iso(decision.at) })),
    runs: shown.map((one) => ({
      ...named(applicationOf(one)),
      run: one.machine,
      id: one.name,
      outcome: outcomeOf(one),
      startedAt: iso(one.startedAt),
      endedAt: one.endedAt === null ? null : iso(one.endedAt),
      ...idleOf(one),
    })),
    runId: last?.name ?? null,
    outcome: last ? outcomeOf(last) : story.decisions.at(-1)?.action === "hold" ? "held" : "none",
    error: last && errorOf(last),
    rtoSeconds: rto,
    rtoOracleSeconds: oracle,
    rtoFloorSeconds: oracle,
    ...usersFigures(story, last, served),
    fence: fenceOf(last),
    rpoSeconds: story.rpoSeconds,
    lossSeconds: last && lossSeconds(story, last),
    objectives: plan.objectives,
    steps: last ? stepsOf(story, last) : [],
    calls: story.world.journal.map(
      ({ input: _, machine: _machine, execution: _execution, patience: _patience, ...call }) => call,
    ),
    invariants: invariantsOf(story),
    transitions,
    historyEvents: Math.max(0, ...executions.map(({ historyEvents }) => historyEvents)),
    invocations,
    costUsd: costUsd({ ...story.spent, transitions }),
    report: last && reportOf(story, last),
    world: inventoryOf(story),
  };
};

const iso = (ms: number) => new Date(ms).toISOString();

const idleOf = ({ results }: Execution) => {
  const { held, because } = (results.get("AcquireLease") ?? {}) as { held?: boolean; because?: string | null };
  if (held === false) return { idle: because ?? "another one has the lease" };
  const { points = [], problems = {} } = (results.get("Snapshot") ?? {}) as {
    points?: string[];
    problems?: Record<string, string>;
  };
  const why = Object.entries(problems).map(([resource, problem]) => `${resource}: ${problem}`);
  return points.length === 0 && why.length > 0 ? { idle: why.join("; ") } : {};
};

/** As the run's own report judges it. */
export const outcomeOf = ({ status, error }: Execution): Result["outcome"] => {
  if (status === "SUCCEEDED") return "succeeded";
  return judgeOutcome({ name: error ?? status, message: "", hint: "" }, false) as Result["outcome"];
};

export const errorOf = ({ status, error, cause }: Execution): Result["error"] => {
  if (status === "SUCCEEDED") return null;
  const ended = status === "RUNNING" ? "the run had not ended when the story did" : `the execution was ${status}`;
  const { name, message, hint } = readError({ Error: error ?? status, Cause: cause ?? ended });
  return { name, message, hint: hint || "The report of the run says how far it came." };
};

/** When users were first served by the target, by the run's own check of the traffic; null when they never were. */
export const servedAt = (execution: Execution) =>
  (execution.results.get("VerifyTraffic") as { servedAt?: string | null } | undefined)?.servedAt ?? null;

/** RTO counts from the first failing evidence, or from the start of a run that a person started. */
export const countsFrom = (story: Story, execution: Execution) => {
  const incident = (execution.input as { incident?: { firstFailingAt?: string } }).incident;
  return story.run || !incident?.firstFailingAt ? execution.startedAt : Date.parse(incident.firstFailingAt);
};

/** T − point time, T = the fence when the source still answered it, else the first failing evidence. */
const lossSeconds = (story: Story, execution: Execution) => {
  const { row, points } = stateOf(story.world, homeOf(story.plan), story.plan.application);
  const pinned = Object.values(pinnedPoints(execution.results)).map(
    (id) => points.find((point) => point.id === id)?.pointAt,
  );
  const times = pinned.filter((at) => at != null).map((at) => Date.parse(at));
  if (!row || times.length === 0) return null;
  const fence = execution.results.get("Fence") as { sourceAnswered?: boolean; at?: string } | undefined;
  const taken = fence?.sourceAnswered && fence.at ? Date.parse(fence.at) : countsFrom(story, execution);
  return (taken - Math.min(...times)) / 1_000;
};

/** Text of the run's last report, by its own address `s3://BUCKET/KEY`. */
const reportOf = ({ world, plan }: Story, execution: Execution) => {
  const { url = "" } = (execution.results.get("Report") ?? {}) as { url?: string };
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  return bucket && key ? objectText(world, homeOf(plan), bucket, key) : null;
};

/** Each state once, from its first invocation to its last; of a pass over servers, what it did for each of them. */
const stepsOf = (story: Story, { invocations, name: run }: Execution): Result["steps"] => {
  const steps = new Map<string, Result["steps"][number]>();
  for (const { state, startedAt, endedAt, outcome } of invocations.filter(({ state }) => !isPass(state))) {
    const known = steps.get(state) ?? { state, resource: "", server: "", startedAt: iso(startedAt) };
    steps.set(state, { ...known, endedAt: iso(endedAt), outcome });
  }
  const { servers, ledger } = stateOf(story.world, homeOf(story.plan), story.plan.application);
  const own = new Map(servers(run).map((server) => [server.server, server]));
  const perServer = ledger(run).flatMap(({ state, subject, startedAt, endedAt, outcome }) => {
    const server = own.get(subject);
    if (!server || !isPass(state)) return [];
    const isLost = outcome === "Lost" || outcome === "TooLate";
    const ended = isLost ? (server.error?.name ?? outcome) : "ok";
    return [{ state, resource: server.resource, server: server.name, startedAt, endedAt, outcome: ended }];
  });
  return [...steps.values(), ...perServer].sort((a, b) =>
    a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0,
  );
};
