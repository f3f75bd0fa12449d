import { tagKeys } from "../../names.ts";

/** What EC2 shows of one snapshot. */
export type SnapshotFact = {
  id: string;
  /** Of a copy, this is an arbitrary id: the tag `volume` tells then. [SDK EC2: Snapshot] */
  volume: string;
  /** pending, completed, error, recovering, ... */
  state: string;
  /** StartTime, ISO 8601. */
  startedAt: string;
  /** 0 to 100. */
  progress: number;
  sizeGiB: number;
  encrypted: boolean;
  /** ARN of its key, where it has one. */
  key?: string;
  /** Present of one in the archive tier; `restoredUntil`: until when it is lent to the standard tier, ISO 8601, or null. */
  archived?: { restoredUntil: string | null };
  /** StateMessage of a snapshot in `error`. */
  because: string | null;
  tags: Record<string, string>;
};

/** EC2 gives every copy this volume id. [SDK EC2: CopySnapshot] */
const volumeOfCopies = "vol-ffffffff";

/** True for a copy of ours or of anybody else in the account: each takes one of the Region's copy slots. */
export const isCopy = (snapshot: SnapshotFact) =>
  Object.hasOwn(snapshot.tags, tagKeys.sourceSnapshot) || snapshot.volume === volumeOfCopies;

/** Oldest first; the id decides between equals, so that every pass chooses the same one. */
export const byAge = (a: SnapshotFact, b: SnapshotFact) =>
  a.startedAt.localeCompare(b.startedAt) || a.id.localeCompare(b.id);
