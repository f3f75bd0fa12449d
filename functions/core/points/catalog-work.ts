import type { Resource } from "../model/plan.ts";
import type { Point } from "../model/recovery-point.ts";

/** What Catalog has to do for one resource. Rotation waits until nothing of it is left for a point. */
export type CatalogWork = {
  /** Newest complete point, when some server of it may lack its image. */
  register: Point | null;
  /** Older complete points that may have images. */
  retire: Point[];
  /** Complete points whose copies are to be locked. */
  lock: Point[];
  /** Settled points that may have snapshots which no recovery needs. */
  sweep: Point[];
  /** Those of them that were given up, and that no complete one has followed yet: the next copies are increments to theirs. */
  basis: Point[];
};

/**
 * EBS copies only what changed since the newest copy of a volume, as long as that one is there. [EBS:ebs-copy-snapshot]
 * `newest`: the newest complete point of the resource. A complete point is looked through for duplicates by a pass
 * after the one that settled it, as those that a lost reply has hidden show late.
 */
export const catalogWork = (
  resource: Resource,
  points: Point[],
  newest: Point | null,
  passStartedAt: string,
): CatalogWork => {
  const complete = points.filter(({ state }) => state === "complete");
  const lacksLock = ({ id, servers, lockedTo }: Point) =>
    resource.lockSeconds > 0 &&
    (id === newest?.id || lockedTo !== undefined) &&
    (lockedTo ?? "") < (servers.at(-1) ?? "");
  const sweep = points.filter(
    ({ state, swept, settledAt, rotated }) =>
      !swept && !rotated && (state === "discarded" || (state === "complete" && (settledAt ?? "") < passStartedAt)),
  );
  return {
    register: newest && newest.imaged !== true ? newest : null,
    retire: complete.filter(({ id, imaged }) => id !== newest?.id && imaged !== false),
    lock: complete.filter(lacksLock),
    sweep,
    basis: sweep.filter(({ state, openedAt }) => state === "discarded" && openedAt > (newest?.openedAt ?? "")),
  };
};

export const hasWork = ({ register, retire, lock, sweep }: CatalogWork) =>
  register !== null || retire.length + lock.length + sweep.length > 0;
