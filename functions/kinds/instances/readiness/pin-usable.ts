import { type Lease, repin } from "../../../aws/store/lease.ts";
import { TransientError } from "../../../core/errors.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Row } from "../../../core/model/row.ts";
import type { Run } from "../../../core/model/run.ts";
import { own } from "../../../core/own.ts";
import type { Context } from "../../../runtime/context.ts";
import { type Usable, usablePoint } from "./usable-point.ts";

export type Pinned = {
  /** Of each resource, in the order of the plan. */
  usable: Usable[];
  points: Record<string, string>;
  /** Why what is restored is not what was pinned first, a sentence a resource. */
  instead: string[];
};

/**
 * Looks at what a run has pinned, and pins an older point where that one cannot be used. The row says what and why, so
 * that a step that runs twice tells it again. Throws TransientError when rotation took the older one in that moment: the
 * next try looks further back. Safe to run twice.
 */
export const pinUsable = async (
  context: Context,
  run: Run,
  lease: Lease,
  row: Row,
  resources: Resource[],
): Promise<Pinned> => {
  const [points, instead] = [{ ...row.run?.points }, { ...row.run?.instead }];
  const usable = await Promise.all(
    resources.map((resource) => usablePoint(context, run, resource, own(points, resource.name))),
  );
  const changed = usable.flatMap(({ point, instead: because }, at) => {
    const resource = resources[at]?.name ?? "";
    return point && because ? [{ resource, id: point.id, because }] : [];
  });
  for (const { resource, id, because } of changed) {
    points[resource] = id;
    instead[resource] = [own(instead, resource), because].filter(Boolean).join("; ");
  }
  if (row.run && changed.length > 0) {
    await repin(context, run, lease, { ...row.run, points, instead });
    context.log.warn("older points pinned", { changed });
  }
  for (const { id } of changed)
    if ((await context.store.point(run.application, id))?.state !== "complete")
      throw new TransientError(`${id} was deleted by rotation while this run was selecting it`);
  return { usable, points, instead: Object.values(instead) };
};
