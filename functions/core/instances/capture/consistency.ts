import { secondsSince } from "../../clock/time.ts";
import type { Consistency, Manifest } from "../../model/recovery-point.ts";

/** State of the document `before` on a server. */
export type BeforeResult = { state: "pending" | "succeeded" | "failed"; because: string };

/** ask: `before` was not sent yet · wait: poll again · take: the snapshots may be taken, consistent or not. */
export type Readiness = { action: "ask" } | { action: "wait" } | { action: "take"; consistency: Consistency };

/**
 * May the snapshots of a server be taken now? Once `before` has succeeded they are consistent. When it failed, is late,
 * or may never have begun, they are crash-consistent, with the reason.
 */
export const readinessOf = (
  { consistency }: Manifest,
  result: BeforeResult | undefined,
  withinSeconds: number,
  now: Date,
): Readiness => {
  if (!consistency) return { action: "ask" };
  const take = (because: string | null): Readiness => ({
    action: "take",
    consistency: { ...consistency, ...(because ? { because } : { state: "frozen" }) },
  });
  if (consistency.because || consistency.state === "crash") return { action: "take", consistency };
  if (consistency.command === null) return take("the reply to its command was lost");
  if (result?.state === "failed") return take(result.because);
  const isLate = secondsSince(consistency.askedAt, now) > withinSeconds;
  if (isLate) return take(`not snapshotted within ${withinSeconds} s of the command`);
  return result?.state === "succeeded" ? take(null) : { action: "wait" };
};

/** True while a server may be frozen for its snapshots: `after` must still be sent to it. */
export const isFrozen = ({ consistency }: Manifest) =>
  consistency?.state === "asked" || consistency?.state === "frozen";

/** The manifest of a server after `after` was sent to it, with the consistency of its snapshots. */
export const thawed = (manifest: Manifest): Manifest => {
  const { consistency, ...rest } = manifest;
  if (!consistency || !manifest.takenAt) return rest;
  return { ...rest, consistency: { ...consistency, state: consistency.because ? "crash" : "thawed" } };
};
