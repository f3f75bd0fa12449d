import { codeOf, isPassing, isSilence } from "../../../aws/calls/errors.ts";
import { deregisterImage } from "../../../aws/ec2/images.ts";
import { deleteSnapshot } from "../../../aws/ec2/snapshots.ts";
import { createBudget } from "../../../core/budget.ts";
import { limits } from "../../../core/limits.ts";
import { type Doomed, isImage } from "../../../core/points/pending-deletions.ts";
import type { Context } from "../../../runtime/context.ts";

export type Deleted = {
  images: number;
  snapshots: number;
  /** What AWS will not delete, and says so: in use by somebody's image, or locked. */
  refused: { point: string; id: string; because: string }[];
  /** What is still to be deleted. */
  left: Doomed[];
  /** The Region gave no answer. */
  silent: boolean;
};

/** Deletes what the budget of one pass allows of one Region, in order. What is gone already counts as deleted. */
export const deleteSome = async (context: Context, region: string, doomed: Doomed[]): Promise<Deleted> => {
  const { clients, log, now } = context;
  const budget = () => createBudget(limits.deletesPerPass, limits.startingSeconds, now);
  const [forImages, forSnapshots] = [budget(), budget()];
  const deleted: Deleted = { images: 0, snapshots: 0, refused: [], left: [], silent: false };
  let stopped = false;
  for (const { point, ids } of doomed) {
    let next = 0;
    for (const id of ids) {
      const image = isImage(id);
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
