import { type Instance, userDataOf } from "../../aws/instances.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";

/** EC2 has no batch call for user data: so many instances are asked in one invocation, so many at a time. */
const readsPerPass = 100;
const readsAtOnce = 10;

/**
 * Stores the user data of each instance under (instance, launch time), as it can change only while the instance is
 * stopped, and gives the keys: instance -> key, or null for one without. Null when more must be read than one
 * invocation may; what was read is stored, so that the next one gets further.
 */
export const storeUserData = async (
  { clients, store }: Context,
  run: Run,
  instances: Instance[],
): Promise<Map<string, string | null> | null> => {
  const keys = new Map<string, string | null>();
  const unknown: { id: string; key: string }[] = [];
  for (const { InstanceId: id = "", LaunchTime } of instances) {
    const key = `${id}.${LaunchTime?.getTime() ?? 0}`;
    const stored = await store.userData(run.application, key);
    if (stored === null) unknown.push({ id, key });
    else keys.set(id, stored === "" ? null : key);
  }

  const asked = unknown.slice(0, readsPerPass);
  for (let from = 0; from < asked.length; from += readsAtOnce) {
    const read = async ({ id, key }: { id: string; key: string }) => {
      const text = (await userDataOf(clients, run.source, id)) ?? "";
      await store.saveUserData(run.application, key, text);
      keys.set(id, text === "" ? null : key);
    };
    await Promise.all(asked.slice(from, from + readsAtOnce).map(read));
  }
  return unknown.length > asked.length ? null : keys;
};
