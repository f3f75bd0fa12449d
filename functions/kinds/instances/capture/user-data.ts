import { codeOf } from "../../../aws/calls/errors.ts";
import { describeSelected, type Instance, userDataOf } from "../../../aws/ec2/instances.ts";
import { batchesOf } from "../../../core/batches.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import { userDataKey } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";

/** EC2 has no batch call for user data: so many calls run at a time. */
const readsAtOnce = 10;

/**
 * Reads the user data of these instances, stores what is new, and gives the keys: instance -> key, or null for one
 * without. A terminated instance is missing in the result; EC2 denies the call once the tags are gone that the
 * role's permission requires. `known`: its key before, null = none.
 */
export const readUserData = async (
  { clients, store, log }: Context,
  run: Run,
  { select }: Resource,
  instances: Instance[],
  known: Map<string, string | null>,
): Promise<Map<string, string | null>> => {
  const keys = new Map<string, string | null>();
  const fresh = new Map<string, string>();
  let selected: ReturnType<typeof describeSelected> | undefined;
  const isStillSelected = async (id: string) => {
    selected ??= describeSelected(clients, run.source, select.tags);
    return (await selected).some(({ InstanceId }) => InstanceId === id);
  };
  const read = async ({ InstanceId: id = "" }: Instance) => {
    try {
      const text = await userDataOf(clients, run.source, id);
      const key = text && userDataKey(id, text);
      if (key && known.get(id) !== key) fresh.set(key, text);
      keys.set(id, key);
    } catch (error) {
      const code = codeOf(error);
      if (code === "InvalidInstanceID.NotFound") return;
      if (code !== "UnauthorizedOperation" || (await isStillSelected(id))) throw error;
      log.warn("a server is left out: the plan does not select it any more", { server: id, code });
    }
  };
  for (const batch of batchesOf(instances, readsAtOnce)) await Promise.all(batch.map(read));
  if (fresh.size > 0) await store.saveUserData(run.application, fresh);
  return keys;
};
