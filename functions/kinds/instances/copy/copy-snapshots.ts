import { codeOf, isPassing, isSilence } from "../../../aws/calls/errors.ts";
import { copySnapshot } from "../../../aws/ec2/snapshots.ts";
import { createBudget } from "../../../core/budget.ts";
import { isImage, type Start } from "../../../core/instances/copy/schedule.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { startImageCopy } from "./copy-images.ts";

/** How one resource's copies are made: its key, a duration where a normal copy would be late, and the plan's tags. */
export type Manner = { key: string | null; minutes: (start: Start) => number | null; tags?: Record<string, string> };

export type Started = {
  /** What is known of each copy that was to start: its id, or null = AWS said no or was not asked. Absent = in doubt. */
  copies: Map<Start, string | null>;
  /** Resource -> why AWS will not copy for it. */
  refused: Record<string, string>;
  /** The source is not what the queue says of it. */
  changed: Start[];
  /** All copy slots of the Region are taken. */
  isFull: boolean;
  /** A reply was lost. */
  isLost: boolean;
};

const changed = ["InvalidSnapshot.NotFound", "IncorrectState", "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"];

/**
 * Starts these copies, in this order, until the budget or the API says no. A reply that was lost ends the invocation's
 * starting too: the copy may exist, and is looked up by its tags before it is asked for again (law 5).
 */
export const startCopies = async (
  context: Context,
  run: Run,
  starts: Start[],
  manners: Map<string, Manner>,
): Promise<Started> => {
  const budget = createBudget(limits.mutatingCallsPerPass, limits.startingSeconds, context.now);
  const copies = new Map<Start, string | null>(starts.map((start) => [start, null]));
  const result: Started = { copies, refused: {}, changed: [], isFull: false, isLost: false };
  for (const start of starts) {
    const { resource } = start.chunk;
    const manner = manners.get(resource);
    if (!manner || Object.hasOwn(result.refused, resource)) continue;
    if (!budget.take()) break;
    try {
      copies.set(start, await startOne(context, run, start, manner));
    } catch (error) {
      const code = codeOf(error);
      const { message } = error as Error;
      context.log.warn("copy not started", { from: start.entry.from, code, because: message });
      if (isSilence(error)) copies.delete(start);
      result.isLost = isSilence(error);
      result.isFull = code === "ResourceLimitExceeded";
      if (isPassing(error)) break;
      if (changed.includes(code)) result.changed.push(start);
      else if (code !== "TransientError") result.refused[resource] = `${start.entry.from}: ${code}: ${message}`;
    }
  }
  return result;
};

/** A time-based copy that EBS cannot take now becomes a normal one. */
const startOne = async (context: Context, run: Run, start: Start, manner: Manner): Promise<string> => {
  const inMinutes = manner.minutes(start);
  try {
    return await ask(context, run, start, manner, inMinutes);
  } catch (error) {
    if (inMinutes === null || isPassing(error) || changed.includes(codeOf(error))) throw error;
    context.log.warn("no time-based copy", { from: start.entry.from, code: codeOf(error) });
    return ask(context, run, start, manner, null);
  }
};

const ask = (context: Context, run: Run, start: Start, { key, tags: own }: Manner, minutes: number | null) => {
  const { entry } = start;
  const tags = { ...own, ...tagsOf(run, start) };
  if (isImage(entry)) return startImageCopy(context, run, entry, tags, key, minutes);
  const source = { region: run.source, snapshot: entry.from };
  return copySnapshot(context.clients, run.target, source, key, tags, minutes);
};

const tagsOf = (run: Run, { chunk, entry }: Start) => ({
  [tagKeys.application]: run.application,
  [tagKeys.resource]: chunk.resource,
  [tagKeys.point]: chunk.point,
  [tagKeys.server]: entry.server,
  ...(!isImage(entry) && {
    [tagKeys.volume]: entry.volume,
    [tagKeys.device]: entry.device,
    [tagKeys.sourceSnapshot]: entry.from,
  }),
  [tagKeys.sourceStartTime]: entry.takenAt ?? chunk.takenAt,
  [tagKeys.sourceRegion]: run.source,
});
