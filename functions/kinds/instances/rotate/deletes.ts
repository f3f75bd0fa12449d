import { codeOf, isPassing, isSilence } from "../../../aws/calls/errors.ts";
import { deregisterImage } from "../../../aws/ec2/images.ts";
import { deleteSnapshot } from "../../../aws/ec2/snapshots.ts";
import { createBudget } from "../../../core/budget.ts";
import { limits } from "../../../core/limits.ts";
import { isAmiId, type PendingDeletion } from "../../../core/points/pending-deletions.ts";
import type { Context } from "../../../runtime/context.ts";

export type DeleteResult = {
  images: number;
  snapshots: number;
  /** Deletions that AWS rejected: in use by an image, or locked. */
  refused: { point: string; id: string; because: string }[];
  /** Ids that are still to be deleted. */
  left: PendingDeletion[];
  /** The Region did not respond. */
  silent: boolean;
};

/** Deletes ids of one Region within the budget of one pass, in order. An id that is gone already counts as deleted. */
export const deleteSome = async (
  context: Context,
  region: string,
  pending: PendingDeletion[],
): Promise<DeleteResult> => {
  const { clients, log, now } = context;
  const budget = () => createBudget(limits.deletesPerPass, limits.startingSeconds, now);
  const [forImages, forSnapshots] = [budget(), budget()];
  const deleted: DeleteResult = { images: 0, snapshots: 0, refused: [], left: [], silent: false };
  let stopped = false;
  for (const { point, ids } of pending) {
    let next = 0;
    for (const id of ids) {
      const image = isAmiId(id);
      stopped ||= !(image ? forImages : forSnapshots).take();
      if (stopped) break;
      try {
        await (image ? deregisterImage : deleteSnapshot)(clients, region, id);
        deleted[image ? "images" : "snapshots"] += 1;
      } catch (error) {
        stopped = isPassing(error);
        deleted.silent = isSilence(error);
        if (stopped) break;
        const because = `${codeOf(error)}: ${(error as Error).message}`;
        log.warn("not deleted", { id, region, because });
        deleted.refused.push({ point, id, because });
      }
      next += 1;
    }
    if (next < ids.length) deleted.left.push({ point, ids: ids.slice(next) });
  }
  return deleted;
};
