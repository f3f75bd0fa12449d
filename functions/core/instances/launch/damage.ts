import { type Findings, joined } from "../../findings.ts";
import type { Manifest } from "../../model/recovery-point.ts";
import { judgeImages, judgeSnapshots } from "./conditions.ts";

/** What EC2 shows of copies: the state of each snapshot and of each image by its id. What is not in it is missing. */
export type VisibleCopies = {
  /** completed, pending, error, recoverable, ..., or `archived`: in the archive tier, where nothing can be made of it. */
  snapshots: Map<string, string>;
  images: Map<string, { state: string; usageOperation: string }>;
  /** ARNs of the keys that the snapshots lie under. */
  keys: string[];
};

/** Can these servers be launched from their copies as they are now? One sentence a copy. */
export const judgeCopies = (manifests: Manifest[], { snapshots, images }: VisibleCopies): Findings => {
  const servers = manifests.map((manifest) => ({ manifest }));
  return joined([judgeSnapshots(servers, snapshots), judgeImages(servers, images)]);
};

/** Sentences as one, of which the first is said. */
export const firstOf = ([first = "", ...others]: string[]): string =>
  others.length ? `${first}; and ${others.length} more` : first;
