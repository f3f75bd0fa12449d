/** Invariants 2 and 11: what starts by itself, and what wakes in an old Region. */

import { homeOf, protectedOf, watchedOf } from "../../functions/core/model/direction.ts";
import type { Plan, Witness } from "../../functions/core/model/plan.ts";
import { own } from "../../functions/core/own.ts";
import { mayWrite } from "../ec2/serves.ts";
import type { Execution } from "../machines/executions.ts";
import { isAutomatic, runsOf } from "../machines/runs.ts";
import type { StartState } from "../world/start-state.ts";
import { sourceServers } from "../world/writers.ts";
import type { InvariantCheck, JudgedStory } from "./invariant.ts";

/** A vote is asked for each minute; one older than three says nothing of now, seconds. */
const staleSeconds = 180;
/** Invariant 2: how long the guard may take from its first consistent read, seconds. */
const guardSeconds = 120;

/** Invariants about what starts by itself, and about what a Region that comes back may do. */
export const incidentInvariants: Record<string, InvariantCheck> = {
  "2 what wakes in an old Region is isolated": (seen) => {
    const { world, plan, manifests, endedAt } = seen;
    const read = firstReadOfGuard(seen);
    if (read === null || read + guardSeconds * 1_000 > endedAt || wasHindered(seen, read)) return [];
    return sourceServers(world, plan, manifests)
      .filter((one) => one.state === "running" && mayWrite(world, protectedOf(plan), one))
      .map(({ id }) => `${id} still runs in ${protectedOf(plan)}, ${guardSeconds} s after the guard's first read`);
  },

  "11 nothing starts by itself without grounds": ({ executions, plan, startStates }) =>
    runsOf(executions)
      .filter(isAutomatic)
      .flatMap((run) =>
        problemsOf(plan, startStates.get(run.arn), isSecond(executions, run)).map(
          (problem) => `${run.name} started ${problem}`,
        ),
      ),
};

/** The one run that may follow by itself upon one of the same incident: that one ended, and neither disarms nor blocks it. */
const isSecond = (executions: Execution[], { name }: Execution) =>
  executions.some(
    (first) => first.machine === "failover" && first.status === "FAILED" && `${first.name}-again` === name,
  );

const problemsOf = (plan: Plan, startState: StartState | undefined, second: boolean): string[] => {
  const { evidence, controls, row } = startState ?? {};
  if (!startState || !evidence) return ["without evidence"];
  const { detect, regions } = plan;
  const { verdict, votes, armedAt } = evidence;
  const red = detect.witnesses.filter((witness) => {
    const vote = own(votes, witness.name);
    const isVoter = witness.kind !== "probe" || witness.side === "primary";
    return isVoter && vote?.state === "unhealthy" && isRecent(vote.checkedAt, startState.at);
  });
  const regional = red.filter((witness) => isRegional(witness, watchedOf({ regions })));
  const { unhealthy, regional: wanted } = detect.verdict;
  const regionalNeeded = Math.max(wanted, detect.action === "automatic" ? 1 : 0);
  const acknowledged = [row?.lastRun?.name, row?.lastRun?.id].includes(controls?.acknowledged?.run);
  const blockedUntil = row?.lastRun ? Date.parse(row.lastRun.endedAt) + detect.blockSeconds * 1_000 : 0;
  return [
    ...(verdict.code === "RegionUnhealthy" ? [] : [`with the verdict ${verdict.code}`]),
    ...(red.length >= unhealthy ? [] : [`with ${red.length} unhealthy witnesses of the ${unhealthy} needed`]),
    ...(regional.length >= regionalNeeded
      ? []
      : [`with ${regional.length} regional witnesses of the ${regionalNeeded} needed`]),
    ...(armedAt || second ? [] : ["before detection was armed"]),
    ...(controls?.paused && !isRecent(controls.paused.at, startState.at, 10) ? ["while paused"] : []),
    ...(!acknowledged && !second && blockedUntil > startState.at + 10_000 ? ["while blocked"] : []),
    ...(row?.active && row.active !== protectedOf({ regions }) ? [`while ${row.active} was active`] : []),
  ];
};

const isRecent = (at: string, now: number, seconds = staleSeconds) => now - Date.parse(at) <= seconds * 1_000;

const isRegional = (witness: Witness, primary: string) =>
  (witness.kind === "api" || witness.kind === "silence" || witness.kind === "awsHealth") && witness.region === primary;

/** When the guard first read, after the run that moved the application, that it did; null when it never could, ms. */
const firstReadOfGuard = ({ world, plan, executions, row }: JudgedStory) => {
  const moved = runsOf(executions).findLast(({ results }) => results.has("Reroute"));
  if (!moved?.endedAt || row?.phase !== "failedOver" || row.active === protectedOf(plan)) return null;
  const read = world.journal.find(
    ({ step, service, outcome, at }) =>
      step === "Guard" && service === "DynamoDB" && outcome === "ok" && Date.parse(at) > moved.endedAt!,
  );
  return read ? Date.parse(read.at) : null;
};

/** Whether the old Region refused the guard, or fell silent again, since then. */
const wasHindered = ({ world, plan, endedAt }: JudgedStory, since: number) =>
  world.faults.wasDown(protectedOf(plan), since, endedAt) ||
  world.faults.wasDown(homeOf(plan), since, endedAt) ||
  world.journal.some(({ step, outcome, at }) => step === "Guard" && outcome !== "ok" && Date.parse(at) >= since);
