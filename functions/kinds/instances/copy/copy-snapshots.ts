import { codeOf, isPassing, isSilence } from "../../../aws/calls/errors.ts";
import { copySnapshot } from "../../../aws/ec2/snapshots.ts";
import { createBudget } from "../../../core/budget.ts";
import { afterRefusal, isSourceChanged } from "../../../core/instances/copy/judge-refused.ts";
import { isImageEntry, type Start } from "../../../core/instances/copy/startable.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { startImageCopy } from "./copy-images.ts";

/** Settings of a resource's copies: its key, a duration where a normal copy would be late, and the plan's tags. */
export type CopySettings = {
  key: string | null;
  minutes: (start: Start) => number | null;
  tags?: Record<string, string>;
};

export type StartResult = {
  /** The id of each copy; null = AWS rejected it, or it was not requested. Absent = in doubt. */
  copies: Map<Start, string | null>;
  /** Resource -> why AWS refuses its copies. */
  refused: Record<string, string>;
  /** The source is not what the queue says. */
  changed: Start[];
  /** All copy slots of the Region are taken. */
  isFull: boolean;
  /** A reply was lost. */
  isLost: boolean;
};

/**
 * Starts these copies, in this order, until the budget is used up or EC2 rejects one. A lost reply stops the invocation's
 * starting too: the copy may exist, and is looked up by its tags before it is requested again (invariant 5).
 */
export const startCopies = async (
  context: Context,
  run: Run,
  starts: Start[],
  settings: Map<string, CopySettings>,
): Promise<StartResult> => {
  const budget = createBudget(limits.mutatingCallsPerPass, limits.startingSeconds, context.now);
  const copies = new Map<Start, string | null>(starts.map((start) => [start, null]));
  const result: StartResult = { copies, refused: {}, changed: [], isFull: false, isLost: false };
  for (const start of starts) {
    const { resource } = start.chunk;
    const own = settings.get(resource);
    if (!own || Object.hasOwn(result.refused, resource)) continue;
    if (!budget.take()) break;
    try {
      copies.set(start, await startOne(context, run, start, own));
    } catch (error) {
      const code = codeOf(error);
      const { message } = error as Error;
      context.log.warn("copy not started", { from: start.entry.from, code, because: message });
      if (isSilence(error)) copies.delete(start);
      result.isLost = isSilence(error);
      result.isFull = code === "ResourceLimitExceeded";
      const next = afterRefusal(code, isPassing(error));
      if (next === "stop") break;
      if (next === "changed") result.changed.push(start);
      if (next === "refused") result.refused[resource] = `${start.entry.from}: ${code}: ${message}`;
    }
  }
  return result;
};

/** A time-based copy that EBS cannot take now becomes a normal one. */
const startOne = async (context: Context, run: Run, start: Start, own: CopySettings): Promise<string> => {
  const inMinutes = own.minutes(start);
  try {
    return await ask(context, run, start, own, inMinutes);
  } catch (error) {
    if (inMinutes === null || isPassing(error) || isSourceChanged(codeOf(error))) throw error;
    context.log.warn("no time-based copy", { from: start.entry.from, code: codeOf(error) });
    return ask(context, run, start, own, null);
  }
};

const ask = (context: Context, run: Run, start: Start, { key, tags: own }: CopySettings, minutes: number | null) => {
  const { entry } = start;
  const tags = { ...own, ...tagsOf(run, start) };
  if (isImageEntry(entry)) return startImageCopy(context, run, entry, tags, key, minutes);
  const source = { region: run.source, snapshot: entry.from };
  return copySnapshot(context.clients, run.target, source, key, tags, minutes);
};

const tagsOf = (run: Run, { chunk, entry }: Start) => ({
  [tagKeys.application]: run.application,
  [tagKeys.resource]: chunk.resource,
  [tagKeys.point]: chunk.point,
  [tagKeys.server]: entry.server,
  ...(!isImageEntry(entry) && {
    [tagKeys.volume]: entry.volume,
    [tagKeys.device]: entry.device,
    [tagKeys.sourceSnapshot]: entry.from,
  }),
  [tagKeys.sourceStartTime]: entry.takenAt ?? chunk.takenAt,
  [tagKeys.sourceRegion]: run.source,
});
