import { noneYet, reasonsOf, type Tally } from "../../tally.ts";

/** How far a pass is with the snapshots of one open point: small enough to stand in the machine's state. */
export type Taking = {
  resource: string;
  point: string;
  /** See Point. */
  deadline: string;
  /** The point before it, whose manifests tell which user data is known. */
  earlier: string | null;
  /** Server up to which the sets were asked for; null = none. */
  after: string | null;
  /** Servers before `after` that must be looked at again, and since when that is so (ISO 8601). */
  waiting: number;
  waitingSince: string | null;
  /** Servers that are no part of the point; volumes that are not; servers that are crash-consistent only. */
  leftOut: Tally;
  lostVolumes: Tally;
  inconsistent: Tally;
};

export const newTaking = (of: Pick<Taking, "resource" | "point" | "deadline" | "earlier">): Taking => ({
  ...of,
  after: null,
  waiting: 0,
  waitingSince: null,
  leftOut: noneYet,
  lostVolumes: noneYet,
  inconsistent: noneYet,
});

/** What keeps the point from being all that the plan asks for, with counts; null when nothing does. `servers`: those in it. */
export const shortfallOf = ({ leftOut, lostVolumes, inconsistent }: Taking, servers: number): string | null => {
  const parts = [
    leftOut.count && `${leftOut.count} of ${servers + leftOut.count} servers left out: ${reasonsOf(leftOut)}`,
    lostVolumes.count && `volumes gone before their snapshots: ${reasonsOf(lostVolumes)}`,
    inconsistent.count &&
      `${inconsistent.count} of ${servers} servers crash-consistent only: ${reasonsOf(inconsistent)}`,
  ];
  return parts.filter(Boolean).join("; ") || null;
};
