import { secondsSince } from "../clock/time.ts";
import { limits } from "../limits.ts";
import type { Decision } from "./decide-action.ts";
import type { Evidence } from "./evidence.ts";

type Decided = Decision & { at: string };

/** Holds in which Lifeboat would have acted or a person has to look; the others pass by themselves. */
const holdsToTell = new Set([
  "ApplicationUnhealthy",
  "NotProtected",
  "Paused",
  "Maintenance",
  "Blocked",
  "NotArmed",
  "OneVantage",
]);

const isToTell = ({ action, code }: Decision) => action === "act" || (action === "hold" && holdsToTell.has(code));

/**
 * What people still have to be notified of after this evaluation: a decision that is new, or the one before it as long as it stands,
 * which it does, too, while the run that it started is on.
 */
export const pendingNoticeAfter = (before: Evidence | null, decision: Decided): Decided | null => {
  const pending = before?.untold ?? null;
  if (before?.decision?.action === decision.action && before.decision.code === decision.code) return pending;
  if (isToTell(decision)) return decision;
  return decision.code === "RunInProgress" && pending?.action === "act" ? pending : null;
};

/** What this evaluation is to send: its own decision at once, another evaluation's when that one cannot be at it any more. */
export const noticeDue = (pending: Decided | null, decision: Decided, now: Date): Decided | null =>
  pending === decision || (pending && secondsSince(pending.at, now) >= limits.functionSeconds) ? pending : null;

/** The evidence once people were notified of this decision; null when it says so already. */
export const afterNotice = (evidence: Evidence, announced: Decided): Evidence | null =>
  evidence.untold?.at === announced.at ? { ...evidence, untold: null, revision: (evidence.revision ?? 0) + 1 } : null;
