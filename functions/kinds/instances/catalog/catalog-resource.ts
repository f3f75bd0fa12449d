import type { Budget } from "../../../core/budget.ts";
import { type Cursor, newCursor } from "../../../core/instances/capture/cursor.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import type { CatalogWork } from "../../../core/points/catalog-work.ts";
import { reasonsOf } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { registerImages, retireImages } from "./images.ts";
import { lockCopies } from "./lock-snapshots.ts";

/** Cursors by kind of work and point. */
export type Cursors = Record<string, Cursor>;

/** Calls that one invocation may start in the target Region: each kind has its own token bucket. [EC2dev:ec2-api-throttling] */
export type Budgets = { mutating: Budget; deletes: Budget };

/** `left`: a further invocation must go on. */
export type Catalogued = { walks: Cursors; left: boolean; problem: string | null };

/**
 * Invocations of an execution beyond which locking, and then all further work, is left to the next one: it has a bound in the
 * machine, and the next snapshots must not wait for it.
 */
const lockPassesMax = 150;
const passesMax = 190;

/**
 * Registers the images of the newest complete point of a resource, deregisters those of older points, and locks copies,
 * within the budgets. While the newest point lacks some images, those of the point before it stay.
 */
export const catalogResource = async (
  context: Context,
  run: Run,
  resource: Resource,
  { register, retire, lock }: CatalogWork,
  { walks: before, passes }: { walks: Cursors; passes: number },
  budgets: Budgets,
): Promise<Catalogued> => {
  const cursors: Cursors = {};
  const problems: string[] = [];
  const advance = async (verb: string, point: Point, go: (from: Cursor) => Promise<Cursor>) => {
    const key = `${verb} ${point.id}`;
    const next = await go(before[key] ?? newCursor);
    cursors[key] = next;
    if (next.failed.count > 0)
      problems.push(`${next.failed.count} of ${point.servers.length} servers ${verb}: ${reasonsOf(next.failed)}`);
    return next.over;
  };

  const registering =
    register &&
    (await advance("without an image", register, (from) =>
      registerImages(context, run, register, from, budgets.mutating, resource.tags),
    ));
  const isWhole = registering === null || cursors[`without an image ${register?.id}`]?.failed.count === 0;
  const old = [...retire].sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  let left = registering === false;
  if (!left)
    for (const point of isWhole ? old : old.slice(0, -1))
      left =
        !(await advance("with an old image", point, (from) =>
          retireImages(context, run, point, from, budgets.deletes),
        )) || left;
  const mayLock = passes < lockPassesMax;
  if (!mayLock && lock.length > 0) problems.push("not all copies are locked yet: the next pass continues");
  if (mayLock)
    for (const point of lock)
      left =
        !(await advance("without a lock", point, (from) =>
          lockCopies(context, run, point, resource.lockSeconds, from, budgets.mutating),
        )) || left;
  const isLast = passes + 1 >= passesMax;
  if (left && isLast) problems.push("some images are not registered or deregistered yet: the next pass continues");
  return { walks: cursors, left: left && !isLast, problem: problems.join("; ") || null };
};
