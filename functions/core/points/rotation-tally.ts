import { counted, noneYet, reasonsOf, type Tally } from "../tally.ts";

/** Decisions and deletions of a rotation, with exact counts; the lists name the first of each. */
export type RotationTally = {
  /** Complete points before it, and how many of them stay. */
  complete: number;
  kept: number;
  /** Points that were deleted now, that were discarded before, and that lost only their source snapshots. */
  rotated: number;
  finished: number;
  sourceless: number;
  points: { id: string; pointAt: string | null; because: string; copies: number; sources: number | null }[];
  /** No class keeps them, but they stay for now. */
  waiting: { point: string; because: string }[];
  /** Deleted, or found to be gone. */
  images: number;
  copies: number;
  sources: number;
  /** Copies that stay as the newest of their volumes. */
  lineage: number;
  /** Deletions that AWS rejected. */
  refused: Tally;
  /** Images and snapshots that an unreachable Region leaves to the next rotation, and points not yet listed. */
  unanswered: Tally;
  left: number;
  strays: string[];
};

export const nothingYet: RotationTally = {
  complete: 0,
  kept: 0,
  rotated: 0,
  finished: 0,
  sourceless: 0,
  points: [],
  waiting: [],
  images: 0,
  copies: 0,
  sources: 0,
  lineage: 0,
  refused: noneYet,
  unanswered: noneYet,
  left: 0,
  strays: [],
};

/** Points that the report lists one by one, and further items. */
export const pointsListedMax = 40;
export const listedMax = 20;

export const isNothing = ({ rotated, finished, sourceless, unanswered, left }: RotationTally) =>
  rotated + finished + sourceless + unanswered.count + left === 0;

/** Why the rotation did less than its plan, a sentence each. */
export const shortfallsOf = ({ refused, unanswered, left }: RotationTally): string[] => [
  ...(refused.count > 0 ? [`${refused.count} not deleted: ${reasonsOf(refused)}`] : []),
  ...(unanswered.count > 0 ? [`${unanswered.count} left to the next rotation: ${reasonsOf(unanswered)}`] : []),
  ...(left > 0 ? [`${left} points left to the next rotation`] : []),
];

/** The line of the report. */
export const rotationText = (tally: RotationTally): string => {
  const { complete, kept, rotated, finished, sourceless, images, copies, sources, lineage } = tally;
  const parts = [
    `${kept} of ${complete} complete points stay, ${rotated} go`,
    finished > 0 && `${finished} that were discarded before go`,
    sourceless > 0 && `${sourceless} lose their source snapshots`,
    `${copies} copies, ${sources} source snapshots and ${images} images deleted`,
    lineage > 0 && `${lineage} copies stay as the newest of their volumes`,
    ...shortfallsOf(tally),
  ];
  return parts.filter(Boolean).join("; ");
};

export const countedMany = (tally: Tally, count: number, reason: string): Tally =>
  count > 0 ? { ...counted(tally, reason), count: tally.count + count } : tally;
