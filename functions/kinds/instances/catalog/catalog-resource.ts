import type { Budget } from "../../../core/budget.ts";
import { newWalk, type Walk } from "../../../core/instances/capture/cursor.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import type { CatalogWork } from "../../../core/points/catalog-work.ts";
import { reasonsOf } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { registerImages, retireImages } from "./images.ts";
import { lockCopies } from "./lock.ts";

/** How far each point is, by what is done to it. */
export type Walks = Record<string, Walk>;

/** What one invocation may start in the target Region: each with a token bucket of its own. [EC2dev:ec2-api-throttling] */
export type Budgets = { mutating: Budget; deletes: Budget };

/** `left`: a further invocation must go on. */
export type Catalogued = { walks: Walks; left: boolean; problem: string | null };

/**
 * Invocations of an execution beyond which locking, and then the rest, is left to the next one: it has a bound in the
 * machine, and the next snapshots must not wait for it.
 */
const lockPassesMax = 150;
const passesMax = 190;

/**
 * Gives the newest complete point of a resource its images, takes those of older points away, and locks copies, as far
 * as the budgets reach. While the newest point cannot have all of its own, those of the one before it stay.
 */
export const catalogResource = async (
  context: Context,
  run: Run,
  resource: Resource,
  { register, retire, lock }: CatalogWork,
  { walks: before, passes }: { walks: Walks; passes: number },
  budgets: Budgets,
): Promise<Catalogued> => {
  const walks: Walks = {};
  const problems: string[] = [];
  const walk = async (verb: string, point: Point, go: (from: Walk) => Promise<Walk>) => {
    const key = `${verb} ${point.id}`;
    const next = await go(before[key] ?? newWalk);
    walks[key] = next;
    if (next.failed.count > 0)
      problems.push(`${next.failed.count} of ${point.servers.length} servers ${verb}: ${reasonsOf(next.failed)}`);
    return next.over;
  };

  const registering =
    register &&
    (await walk("without an image", register, (from) =>
      registerImages(context, run, register, from, budgets.mutating, resource.tags),
    ));
  const isWhole = registering === null || walks[`without an image ${register?.id}`]?.failed.count === 0;
  const old = [...retire].sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  let left = registering === false;
  if (!left)
    for (const point of isWhole ? old : old.slice(0, -1))
      left =
        !(await walk("with an old image", point, (from) => retireImages(context, run, point, from, budgets.deletes))) ||
        left;
  const mayLock = passes < lockPassesMax;
  if (!mayLock && lock.length > 0) problems.push("not all copies are locked yet: the next pass goes on");
  if (mayLock)
    for (const point of lock)
      left =
        !(await walk("without a lock", point, (from) =>
          lockCopies(context, run, point, resource.lockSeconds, from, budgets.mutating),
        )) || left;
  const isLast = passes + 1 >= passesMax;
  if (left && isLast) problems.push("not all images are as they should be yet: the next pass goes on");
  return { walks, left: left && !isLast, problem: problems.join("; ") || null };
};
