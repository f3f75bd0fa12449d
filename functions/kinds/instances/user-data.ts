import { codeOf } from "../../aws/errors.ts";
import { type Instance, userDataOf } from "../../aws/instances.ts";
import { userDataKey } from "../../core/names.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";

/** EC2 has no batch call for user data: so many instances are asked at a time. */
const readsAtOnce = 10;

/**
 * Reads the user data of these instances, stores what is new, and gives the keys: instance -> key, or null for one
 * without. An instance that is no more is missing in the answer. `known`: its key before, null = none.
 */
export const readUserData = async (
  { clients, store }: Context,
  run: Run,
  instances: Instance[],
  known: Map<string, string | null>,
): Promise<Map<string, string | null>> => {
  const keys = new Map<string, string | null>();
  const fresh = new Map<string, string>();
  const read = async ({ InstanceId: id = "" }: Instance) => {
    try {
      const text = await userDataOf(clients, run.source, id);
      const key = text && userDataKey(id, text);
      if (key && known.get(id) !== key) fresh.set(key, text);
      keys.set(id, key);
    } catch (error) {
      if (codeOf(error) !== "InvalidInstanceID.NotFound") throw error;
    }
  };
  for (let from = 0; from < instances.length; from += readsAtOnce)
    await Promise.all(instances.slice(from, from + readsAtOnce).map(read));
  if (fresh.size > 0) await store.saveUserData(run.application, fresh);
  return keys;
};
