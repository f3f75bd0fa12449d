import { secondsSince } from "../../../core/clock/time.ts";
import type { Wish } from "../../../core/instances/copy/concurrency.ts";
import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";

/** Told again after so long: the others drop it after ten minutes. */
const retellSeconds = 300;

/** What the other applications want of the copy slots; nothing when there are none. */
export const readWishes = ({ store }: Context, { shared }: CopyMemory): Promise<Wish[]> =>
  shared ? store.demands() : Promise.resolve([]);

/** Tells the other applications what this one wants: when that has begun or ended, and now and then. */
export const tellDemand = async (
  { store, now }: Context,
  { application }: Run,
  { shared, demand }: CopyMemory,
  waiting: number,
  deadline: string | null,
): Promise<CopyMemory["demand"]> => {
  const ageSeconds = demand ? secondsSince(demand.at, now()) : Number.POSITIVE_INFINITY;
  const isNews = (demand?.waiting ?? 0) > 0 !== waiting > 0;
  if (!shared || !(isNews || (waiting > 0 && ageSeconds > retellSeconds))) return demand;
  const at = now().toISOString();
  await store.saveDemand({ application, waiting, deadline, at });
  return { waiting, at };
};
