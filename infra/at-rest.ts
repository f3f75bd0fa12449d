import { codeOf } from "../functions/aws/calls/errors.ts";
import type { Store } from "../functions/aws/store/store.ts";
import { protectedOf, servesWhereProtected } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Row } from "../functions/core/model/row.ts";
import { ScriptError } from "./arguments.ts";

/**
 * The row of an application that nothing is moving, or null when there is none yet. Deploy and remove change what a run
 * stands on: throws ScriptError while one is on, or while the application is not served from its primary Region.
 */
export const atRest = async (store: Store, { application, regions }: Plan): Promise<Row | null> => {
  const row = await rowOf(store, application);
  if (!row) return null;
  if (row.run)
    throw new ScriptError(
      `${row.run.name} has been moving ${application} since ${row.run.acquiredAt}`,
      "Wait until it has ended, then try again.",
    );
  if (!servesWhereProtected({ regions }, row))
    throw new ScriptError(
      `${application} is served from ${row.active}, not from its primary Region ${protectedOf({ regions })}`,
      "Fail back first: the currently deployed stacks are serving traffic.",
    );
  return row;
};

const rowOf = async (store: Store, application: string) => {
  try {
    return await store.row(application);
  } catch (error) {
    if (codeOf(error) === "ResourceNotFoundException") return null;
    throw error;
  }
};
