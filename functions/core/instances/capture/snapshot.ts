import { tagKeys } from "../../names.ts";

/** One snapshot as EC2 describes it. */
export type SnapshotFact = {
  id: string;
  /** Of a copy this is an arbitrary id: its tag `volume` names the volume. [SDK EC2: Snapshot] */
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
  /** Present while it is in the archive tier; `restoredUntil`: end of a temporary restore, ISO 8601, or null. */
  archived?: { restoredUntil: string | null };
  /** StateMessage of a snapshot in `error`. */
  because: string | null;
  tags: Record<string, string>;
};

/** EC2 gives every copy this volume id. [SDK EC2: CopySnapshot] */
const volumeOfCopies = "vol-ffffffff";

/** True for a copy of any owner in the account: each takes one of the Region's copy slots. */
export const isCopy = (snapshot: SnapshotFact) =>
  Object.hasOwn(snapshot.tags, tagKeys.sourceSnapshot) || snapshot.volume === volumeOfCopies;

/** Oldest first; the id decides between equals, so that every pass chooses the same one. */
export const byAge = (a: SnapshotFact, b: SnapshotFact) =>
  a.startedAt.localeCompare(b.startedAt) || a.id.localeCompare(b.id);
