import type { Started } from "../../../core/instances/copy/finished-pass.ts";
import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import type { PassFacts, PassJudgement } from "../../../core/instances/copy/schedule-copies.ts";
import { type Start, withEntries } from "../../../core/instances/copy/startable.ts";
import { completionMinutes } from "../../../core/instances/copy/time-based.ts";
import type { Plan } from "../../../core/model/plan.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import { own } from "../../../core/own.ts";
import type { Context } from "../../../runtime/context.ts";
import { type CopySettings, startCopies } from "./copy-snapshots.ts";
import { usableKey } from "./key-pin.ts";

/** `changed`: starts whose source is not what the queue says. */
export type StartedCopies = Started & { chunks: QueueChunk[]; changed: Start[] };

/**
 * Starts the chosen copies. The request is on record before it is sent, and the copy's id after: the next pass knows
 * which copies may exist.
 */
export const startNext = async (
  context: Context,
  run: Run,
  plan: Plan,
  { known, view: { stored } }: PassFacts,
  { chunks, lost, starts: chosen, at }: PassJudgement,
): Promise<StartedCopies> => {
  const { store } = context;
  const copyKeys = await copyKeysOf(context, run, plan, known, chosen);
  const starts = chosen.filter(({ chunk }) => copyKeys.usable.has(chunk.resource));

  const asked = withEntries(chunks, starts, (entry) => ({ ...entry, askedAt: at.toISOString() }));
  await store.saveQueue(asked.filter((chunk, index) => chunk !== stored[index] && !lost.has(chunk.point)));
  const { copies, refused, ...result } = await startCopies(context, run, starts, copyKeys.usable);
  const after = withEntries(asked, starts, (entry, start) => {
    const copy = copies.get(start);
    if (copy === undefined) return entry;
    return copy === null ? { ...entry, askedAt: null } : { ...entry, copy };
  });
  await store.saveQueue(after.filter((chunk, index) => chunk !== asked[index]));
  const started = [...copies.values()].filter((copy) => copy !== null).length;
  const { keys, problems } = copyKeys;
  return { ...result, chunks: after, started, keys, problems, refused: { ...copyKeys.refused, ...refused } };
};

/** `usable`: by resource; without those whose key cannot be used, or cannot be checked now. */
type CopyKeys = Pick<CopyMemory, "keys" | "refused" | "problems"> & { usable: Map<string, CopySettings> };

/** Keys are checked once a run for each resource: a key that cannot be used now would show only as copies in `error`. */
const copyKeysOf = async (
  context: Context,
  run: Run,
  plan: Plan,
  { keys, usualSeconds }: CopyMemory,
  starts: Start[],
): Promise<CopyKeys> => {
  const checked: CopyKeys = { keys: { ...keys }, refused: {}, problems: {}, usable: new Map() };
  for (const name of new Set(starts.map(({ chunk }) => chunk.resource))) {
    const resource = resourceOf(plan, name);
    if (!Object.hasOwn(checked.keys, name)) {
      const key = await usableKey(context, run, resource);
      if (key.outcome === "refused") checked.refused[name] = key.because;
      if (key.outcome !== "usable") continue;
      checked.keys[name] = key.arn;
      if (key.problem) checked.problems[name] = key.problem;
    }
    const minutes = ({ chunk: { deadline }, entry: { sizeGiB } }: Start) =>
      resource.timeBased ? completionMinutes({ sizeGiB, deadline, usualSeconds, now: context.now() }) : null;
    checked.usable.set(name, { key: own(checked.keys, name) ?? null, minutes, tags: resource.tags ?? {} });
  }
  return checked;
};
