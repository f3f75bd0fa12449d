import type { Resource } from "../model/plan.ts";
import type { Point } from "../model/recovery-point.ts";

/** The work of Catalog for one resource. Rotation waits until a point needs none of it. */
export type CatalogWork = {
  /** Newest complete point, when one of its servers may lack its image. */
  register: Point | null;
  /** Older complete points that may have images. */
  retire: Point[];
  /** Complete points whose copies are to be locked. */
  lock: Point[];
  /** Settled points that may have orphaned snapshots: no recovery needs them. */
  orphaned: Point[];
  /** The discarded ones that no complete point has followed yet: the next copies are increments to theirs. */
  basis: Point[];
};

/**
 * EBS copies only what changed since the newest copy of a volume, as long as that one is there. [EBS:ebs-copy-snapshot]
 * `newest`: the newest complete point of the resource. A complete point is searched for duplicates by a pass
 * after the one that settled it, as those of a lost reply become visible late.
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
  const orphaned = points.filter(
    ({ state, swept, settledAt, rotated }) =>
      !swept && !rotated && (state === "discarded" || (state === "complete" && (settledAt ?? "") < passStartedAt)),
  );
  return {
    register: newest && newest.imaged !== true ? newest : null,
    retire: complete.filter(({ id, imaged }) => id !== newest?.id && imaged !== false),
    lock: complete.filter(lacksLock),
    orphaned,
    basis: orphaned.filter(({ state, openedAt }) => state === "discarded" && openedAt > (newest?.openedAt ?? "")),
  };
};

export const hasWork = ({ register, retire, lock, orphaned }: CatalogWork) =>
  register !== null || retire.length + lock.length + orphaned.length > 0;
