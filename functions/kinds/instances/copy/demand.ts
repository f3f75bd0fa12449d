import { secondsSince } from "../../../core/clock/time.ts";
import type { Wish } from "../../../core/instances/copy/concurrency.ts";
import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";

/** Told again after so long: the others drop it after ten minutes. */
const retellSeconds = 300;

/** What the other applications want of the copy slots of the same Region; nothing when there are none. */
export const readWishes = async ({ store }: Context, run: Run, { shared }: CopyMemory): Promise<Wish[]> =>
  shared ? (await store.demands()).filter(({ target = run.target }) => target === run.target) : [];

/** Tells the other applications what this one wants: when that has begun or ended, and now and then. */
export const tellDemand = async (
  { store, now }: Context,
  { application, target }: Run,
  { shared, demand }: CopyMemory,
  waiting: number,
  deadline: string | null,
): Promise<CopyMemory["demand"]> => {
  const ageSeconds = demand ? secondsSince(demand.at, now()) : Number.POSITIVE_INFINITY;
  const isNews = (demand?.waiting ?? 0) > 0 !== waiting > 0;
  if (!shared || !(isNews || (waiting > 0 && ageSeconds > retellSeconds))) return demand;
  const at = now().toISOString();
  await store.saveDemand({ application, waiting, deadline, at, target });
  return { waiting, at };
};
