import { RefusedError } from "../../core/errors.ts";
import type { Call, Watch } from "./clients.ts";

/** A call that a dry run has kept back. */
export type KeptBack = Pick<Call, "service" | "operation" | "region" | "input">;

/**
 * Refuses every call that would change something, with RefusedError, and notes it; reads go through. It stands at the
 * seam where every client is made, so nothing that the code above forgets can get past it.
 */
export const createDryRun = (): { watch: Watch; keptBack: KeptBack[] } => {
  const keptBack: KeptBack[] = [];
  const watch: Watch = async (call, next) => {
    if (!call.mutating) return next();
    const { service, operation, region, input } = call;
    keptBack.push({ service, operation, region, input });
    throw new RefusedError(
      `dry run: ${service} ${operation} in ${region} was not sent`,
      "Leave out --dry-run to do it.",
    );
  };
  return { watch, keptBack };
};
