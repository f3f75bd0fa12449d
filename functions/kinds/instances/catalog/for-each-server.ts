import { codeOf, isPassing } from "../../../aws/calls/errors.ts";
import { TransientError } from "../../../core/errors.ts";
import type { Cursor } from "../../../core/instances/capture/cursor.ts";
import type { Manifest, Point } from "../../../core/model/recovery-point.ts";
import { counted } from "../../../core/tally.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "../capture/manifest-pages.ts";

/** The manifest as it is afterwards; null when it needs nothing; `stop` when the budget does not reach for it. */
export type Act = (manifest: Manifest) => Promise<Manifest | null | "stop">;

/** An error with one of these codes would meet every server. */
const forAll = ["UnauthorizedOperation", "AuthFailure", "AccessDeniedException", "OptInRequired"];
/** Manifests that are saved in one call, and that are read in one. */
const savedAtOnce = 25;
const readAtOnce = 100;

/**
 * Acts on the servers of a point from the cursor on, one after the other, and saves their manifests in batches. A failure
 * of one server does not affect the others; what AWS postpones is tried again later.
 */
export const forEachServer = async (context: Context, point: Point, cursor: Cursor, act: Act): Promise<Cursor> => {
  if (cursor.over) return cursor;
  const next = { ...cursor };
  const unsaved: Manifest[] = [];
  const save = async () => {
    if (unsaved.length > 0) await context.store.saveManifests(unsaved.splice(0));
  };
  const visit = async (manifest: Manifest): Promise<boolean> => {
    const { server } = manifest;
    try {
      const changed = await act(manifest);
      if (changed === "stop") return false;
      if (changed) unsaved.push(changed);
      if (unsaved.length >= savedAtOnce) await save();
    } catch (error) {
      const { message } = error as Error;
      const code = codeOf(error);
      context.log.warn("not done now, tried again later", { point: point.id, server, code, because: message });
      if (error instanceof TransientError) next.again = true;
      else if (isPassing(error)) return false;
      else next.failed = counted(next.failed, `${server}: ${code}: ${message}`);
      if (forAll.includes(code)) next.over = true;
    }
    next.after = server;
    return !next.over;
  };
  let stopped = false;
  const visitPage = async (page: Manifest[]) => {
    for (const manifest of page) {
      stopped = !(await visit(manifest));
      if (stopped) return "enough";
    }
    return "more";
  };
  await visitManifests(context, point, cursor.after, visitPage, readAtOnce);
  await save();
  if (stopped) return next;
  return next.again ? { ...next, after: null, again: false } : { ...next, over: true };
};
