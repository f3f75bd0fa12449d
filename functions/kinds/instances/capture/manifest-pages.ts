import type { Manifest, Point } from "../../../core/model/recovery-point.ts";
import type { Context } from "../../../runtime/context.ts";

/** A manifest has two to three kilobytes, a page of a query at most a megabyte. */
const perPageUsual = 400;

/**
 * Shows the manifests of a point page by page, by instance id, beginning after the server `after`, until `visit` has
 * enough. Manifests of servers that were left out since are skipped. True when the end was reached.
 */
export const visitManifests = async (
  { store }: Context,
  point: Point,
  after: string | null,
  visit: (page: Manifest[]) => Next | Promise<Next>,
  perPage = perPageUsual,
): Promise<boolean> => {
  const servers = new Set(point.servers);
  const last = point.servers.at(-1) ?? "";
  for (let from = after; (from ?? "") < last; ) {
    const page = await store.manifestsAfter(point.application, point.id, from, perPage);
    from = page.at(-1)?.server ?? last;
    const wants = await visit(page.filter(({ server }) => servers.has(server)));
    if (wants === "enough") return from >= last;
  }
  return true;
};
type Next = "more" | "enough";
