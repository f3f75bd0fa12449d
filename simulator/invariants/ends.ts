/** Invariants 2 and 6 at the end of runs: traffic, notifications, passing faults. */

import { isPassing } from "../../functions/aws/calls/errors.ts";
import { protectedOf, sideOf } from "../../functions/core/model/direction.ts";
import type { TrafficRecord } from "../../functions/core/model/plan.ts";
import { answersAt } from "../dns/dns.ts";
import { dotted } from "../dns/zones.ts";
import { AwsError } from "../kernel.ts";
import type { Execution } from "../machines/executions.ts";
import type { Invocation } from "../machines/lambda.ts";
import { hasBegun, runsOf } from "../machines/runs.ts";
import { addressesOf } from "../network/traffic.ts";
import type { Fault } from "../scenario/fault.ts";
import { messagesOf } from "../services/sns.ts";
import { isApart } from "./early-moves.ts";
import type { InvariantCheck, JudgedStory } from "./invariant.ts";

/** What moves traffic may take so long after the last thing that disturbed it, seconds: a metric's minute, a check, name servers. */
const movingSeconds = 110;
/** A passing fault of so many seconds, anywhere, ends no run. */
const passingSeconds = 180;

/** Invariants about how runs leave things: traffic where the row says, people who know of it, and no run given up for a passing fault. */
export const endInvariants: Record<string, InvariantCheck> = {
  "2 row and traffic agree": (seen) => [
    ...seen.earlyMoves.filter(({ application }) => application === seen.plan.application).map(({ because }) => because),
    ...disagreements(seen),
  ],

  "6 every run that ended is told": ({ executions, world, plan }) => {
    const { topics, on } = plan.notify;
    if (topics.length === 0 || !on.includes("done")) return [];
    return runsOf(executions)
      .filter((run) => run.status !== "RUNNING" && hasBegun(run))
      .filter(({ name }) => !messagesOf(world).some(({ message }) => message.includes(`Run: ${name} `)))
      .map(({ name }) => `no notification says that ${name} ended`);
  },

  "6 a passing fault of three minutes ends no run": ({ executions, world }) =>
    runsOf(executions)
      .filter(endedOnPassing)
      .flatMap((run) => {
        const met = world.faults.list.filter((fault) => isPassingFault(fault) && overlaps(fault, run));
        const isShort = met.every(({ from, until }) => until - from <= passingSeconds * 1_000);
        return met.length > 0 && isShort
          ? [`${run.name} ended with ${run.error}, although no fault lasted longer than ${passingSeconds} s`]
          : [];
      }),
};

const disagreements = (seen: JudgedStory) => {
  const { world, plan, row, endedAt } = seen;
  if (!plan.traffic || !row || row.run || isMoving(seen)) return [];
  const serving = sideOf(plan, row.active);
  return plan.traffic.records
    .filter((record) => serving === "recovery" || (followsTheRow.has(record.policy) && !isMovedApart(seen, record)))
    .flatMap(({ name, type, primary, recovery }) => {
      const values = { primary: addressesOf(world, primary), recovery: addressesOf(world, recovery) };
      const wrong = values[serving === "primary" ? "recovery" : "primary"].filter(
        (one) => !values[serving].includes(one),
      );
      const answers = answersAt(world, dotted(name), type, endedAt).filter((one) => wrong.includes(one));
      return answers.length > 0
        ? [`${name} ${type} resolves to ${answers.join(", ")}, although the state record says ${row.active}`]
        : [];
    });
};

/** Whether a run has moved it between its waves: it stays so when the run ends before the row has moved. */
const isMovedApart = ({ world, plan, executions, ledger }: JudgedStory, record: TrafficRecord) =>
  isApart(world, plan, record) &&
  runsOf(executions)
    .flatMap(({ name }) => ledger(name))
    .some(({ outcome, detail }) => outcome === "Changing" && detail.name === record.name);

/** Policies whose other side answers nobody while the row says so; the rest serve from both sides at all times. */
const followsTheRow = new Set(["failover", "simple", "weighted"]);

/** Whether something may still hold the switch up, or has until just now. */
const isMoving = ({ executions, world, plan, endedAt }: JudgedStory) => {
  const since = endedAt - movingSeconds * 1_000;
  const hinders = ({ from, until, ...fault }: Fault) =>
    from < endedAt && until > since && !(fault.fault === "region-down" && fault.region === protectedOf(plan));
  const moves = ({ state, outcome }: Invocation) => outcome === "ok" && (state === "Reroute" || state === "Gate");
  return (
    world.faults.list.some(hinders) ||
    runsOf(executions).some(
      ({ status, invocations }) => status === "RUNNING" || invocations.some((one) => moves(one) && one.endedAt > since),
    )
  );
};

const endedOnPassing = ({ status, error }: Execution) =>
  status === "FAILED" &&
  /^(TransientError|WornOutError|States\.Timeout|Lambda\.|Sandbox\.|Runtime\.)/.test(error ?? "");

const isPassingFault = (fault: Fault) => {
  if (fault.fault === "api-error") return isPassing(new AwsError(fault.error, "", fault.status));
  return ["throttle", "lost-response", "control-plane-down", "brown-out", "lambda-crash"].includes(fault.fault);
};

const overlaps = ({ from, until }: Fault, { startedAt, endedAt }: Execution) =>
  from <= (endedAt ?? Infinity) && until >= startedAt;
