import { noneYet, reasonsOf, type Tally } from "../../tally.ts";

/** Progress of the snapshots of one open point: small enough for the machine's state. */
export type CaptureProgress = {
  resource: string;
  point: string;
  /** See Point. */
  deadline: string;
  /** The point before it: its manifests show which user data is known. */
  earlier: string | null;
  /** Last server whose set was requested; null = none. */
  after: string | null;
  /** Servers before `after` that must be polled again, and since when (ISO 8601). */
  waiting: number;
  waitingSince: string | null;
  /** Servers and volumes that the point does not contain; servers that are only crash-consistent. */
  leftOut: Tally;
  lostVolumes: Tally;
  inconsistent: Tally;
};

export const newCaptureProgress = (
  of: Pick<CaptureProgress, "resource" | "point" | "deadline" | "earlier">,
): CaptureProgress => ({
  ...of,
  after: null,
  waiting: 0,
  waitingSince: null,
  leftOut: noneYet,
  lostVolumes: noneYet,
  inconsistent: noneYet,
});

/** Why the point is less than the plan asks for, with counts; null when it is not. `servers`: those in it. */
export const shortfallOf = (
  { leftOut, lostVolumes, inconsistent }: CaptureProgress,
  servers: number,
): string | null => {
  const parts = [
    leftOut.count && `${leftOut.count} of ${servers + leftOut.count} servers left out: ${reasonsOf(leftOut)}`,
    lostVolumes.count && `volumes gone before their snapshots: ${reasonsOf(lostVolumes)}`,
    inconsistent.count &&
      `${inconsistent.count} of ${servers} servers crash-consistent only: ${reasonsOf(inconsistent)}`,
  ];
  return parts.filter(Boolean).join("; ") || null;
};
