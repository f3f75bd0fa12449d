import type { EvidenceIncident } from "../detect/incident.ts";
import { limits } from "../limits.ts";
import type { Row } from "../model/row.ts";

/** How an execution ended; `error` is what its machine or Step Functions calls it. */
export type End = { status: string; error: string | null; stoppedAt: Date };

/** Faults that pass: ours, Lambda's, and time-outs of a step. A refusal, a resource that failed and a person's stop do not. */
export const passingEnd =
  /^(TransientError|WornOutError|States\.Timeout|Sandbox\.Timedout|Runtime\.ExitError|Lambda\..+)$/;

/**
 * Why the run of an incident is to be started once more, or null. Only one that ended on a passing fault, is over for certain,
 * and has moved nothing; a run since then has taken the incident over.
 */
export const whyOnceMore = (
  { answeredAt, answer }: EvidenceIncident,
  { active, run, lastRun }: Row,
  primary: string,
  { name, end }: { name: string; end: End | null },
  now: Date,
): string | null => {
  if (!answeredAt || answer === "notify" || run || active !== primary) return null;
  if (lastRun && lastRun.name !== name && lastRun.endedAt > answeredAt) return null;
  if (end?.status !== "FAILED" || !passingEnd.test(end.error ?? "")) return null;
  if (now.getTime() - end.stoppedAt.getTime() <= limits.longestStepSeconds * 1_000) return null;
  return `once more: ${name} ended on ${end.error} at ${end.stoppedAt.toISOString()}, before it moved anything`;
};
