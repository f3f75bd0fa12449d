import { fitting } from "../../../core/instances/copy/concurrency.ts";
import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import { inFlightOf } from "../../../core/instances/copy/progress.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import { type Start, startable, withEntries } from "../../../core/instances/copy/schedule.ts";
import { completionMinutes } from "../../../core/instances/copy/time-based.ts";
import type { Plan } from "../../../core/model/plan.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import { own } from "../../../core/own.ts";
import type { Context } from "../../../runtime/context.ts";
import { type Manner, type Started, startCopies } from "./copy-snapshots.ts";
import { usableKey } from "./key-pin.ts";
import type { QueueLook } from "./read-queue.ts";

export type Ordered = Started & {
  chunks: QueueChunk[];
  started: number;
  keys: CopyMemory["keys"];
  problems: Record<string, string>;
};

/** Slots that are free, and points that are lost: nothing more is started for them. */
type Allowed = { free: number; lost: ReadonlyMap<string, string> };

/**
 * Starts the next copies of the queue. What is asked for is on record before it is asked for, and its id after: whoever
 * comes next knows what may exist.
 */
export const startNext = async (
  context: Context,
  run: Run,
  plan: Plan,
  memory: CopyMemory,
  { stored, chunks, pending, sources }: QueueLook,
  { free, lost }: Allowed,
): Promise<Ordered> => {
  const { store } = context;
  const refused = new Set(Object.keys(memory.refused));
  const now = context.now();
  const wanted = startable(chunks, { refused, pending, sources, now }).filter(({ chunk }) => !lost.has(chunk.point));
  const chosen = fitting(wanted, free, inFlightOf(chunks));
  const manners = await mannersOf(context, run, plan, memory, chosen);
  const starts = chosen.filter(({ chunk }) => manners.usable.has(chunk.resource));

  const asked = withEntries(chunks, starts, (entry) => ({ ...entry, askedAt: now.toISOString() }));
  await store.saveQueue(asked.filter((chunk, at) => chunk !== stored[at] && !lost.has(chunk.point)));
  const result = await startCopies(context, run, starts, manners.usable);
  const after = withEntries(asked, starts, (entry, start) => {
    const copy = result.copies.get(start);
    if (copy === undefined) return entry;
    return copy === null ? { ...entry, askedAt: null } : { ...entry, copy };
  });
  await store.saveQueue(after.filter((chunk, at) => chunk !== asked[at]));
  const started = [...result.copies.values()].filter((copy) => copy !== null).length;
  const { keys, problems } = manners;
  return { ...result, chunks: after, started, keys, problems, refused: { ...manners.refused, ...result.refused } };
};

/** Keys are checked once a run for each resource: a key that cannot be used now would show only as copies in `error`. */
const mannersOf = async (context: Context, run: Run, plan: Plan, memory: CopyMemory, starts: Start[]) => {
  const keys = { ...memory.keys };
  const [refused, problems]: Record<string, string>[] = [{}, {}];
  const usable = new Map<string, Manner>();
  for (const name of new Set(starts.map(({ chunk }) => chunk.resource))) {
    const resource = resourceOf(plan, name);
    if (!Object.hasOwn(keys, name)) {
      const key = await usableKey(context, run, resource);
      if (key.outcome === "refused") refused![name] = key.because;
      if (key.outcome !== "usable") continue;
      keys[name] = key.arn;
      if (key.problem) problems![name] = key.problem;
    }
    const minutes = ({ chunk, entry }: Start) =>
      resource.timeBased
        ? completionMinutes({
            sizeGiB: entry.sizeGiB,
            deadline: chunk.deadline,
            usualSeconds: memory.usualSeconds,
            now: context.now(),
          })
        : null;
    usable.set(name, { key: own(keys, name) ?? null, minutes, tags: resource.tags ?? {} });
  }
  return { keys, refused: refused!, problems: problems!, usable };
};
