import { secondsSince } from "../clock/time.ts";
import type { HealthIssue } from "./aws-health.ts";
import type { Decision } from "./decide-action.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { EvidenceIncident } from "./incident.ts";
import type { Verdict } from "./verdict.ts";
import { longestEvaluationSeconds, type Vote } from "./vote.ts";
import { freshSeconds } from "./witness.ts";

export type { EvidenceIncident } from "./incident.ts";

/** What is remembered of one application's health from evaluation to evaluation: one item of the table. Times are ISO 8601. */
export type Evidence = {
  votes: Record<string, Vote>;
  /** Since when the verdict is Healthy without a gap. */
  greenSince: string | null;
  /** First time since the last run that green was sustained: before it nothing starts by itself. */
  armedAt: string | null;
  verdict: Verdict;
  decision: (Decision & { at: string }) | null;
  incident: EvidenceIncident | null;
  /** Rises with each evaluation that was written: two evaluations at the same time do not overwrite each other. */
  revision?: number;
  /** Sensors by Region. */
  heard?: Record<string, Heartbeat>;
  /** Issues of AWS Health by ARN. */
  issues?: Record<string, HealthIssue>;
  /** The moment for which one more evaluation was booked last. */
  lookAt?: string | null;
  /** A decision that people were not notified of yet: an evaluation may die, and a topic take nothing. */
  untold?: (Decision & { at: string }) | null;
};

type Arming = { armAfterHealthySeconds: number; lastRunEndedAt: string | null; watching: boolean };

/**
 * Arms after a sustained green. Missed evaluations break the green; a run that ended since then disarms, and so does a move: while
 * it is not the primary that serves (`watching`), what the witnesses see there arms nothing.
 */
export const arm = (
  before: Evidence | null,
  verdict: Verdict,
  now: Date,
  { armAfterHealthySeconds, lastRunEndedAt, watching }: Arming,
): Pick<Evidence, "greenSince" | "armedAt"> => {
  const at = now.toISOString();
  if (!watching) return { greenSince: null, armedAt: null };
  const kept = before?.armedAt && !(lastRunEndedAt && lastRunEndedAt > before.armedAt) ? before.armedAt : null;
  if (verdict.code !== "Healthy") return { greenSince: null, armedAt: kept };
  const gap = before ? secondsSince(before.verdict.at, now) : Number.POSITIVE_INFINITY;
  const unbroken = gap >= -longestEvaluationSeconds && gap <= freshSeconds;
  const greenSince = (unbroken && before?.greenSince) || at;
  const countsFrom = lastRunEndedAt && lastRunEndedAt > greenSince ? lastRunEndedAt : greenSince;
  return { greenSince, armedAt: kept ?? (secondsSince(countsFrom, now) >= armAfterHealthySeconds ? at : null) };
};
