import { codeOf, isPassing, isSilence } from "../aws/calls/errors.ts";
import { changeRecords } from "../aws/route-53.ts";
import { TransientError } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import type { RecordChange } from "../core/traffic/record-changes.ts";
import type { Context } from "../runtime/context.ts";
import { sleep } from "../runtime/sleep.ts";

const pauseSecondsMax = 8;
const triesMax = 10;

type ZoneChange = {
  zone: string;
  changes: RecordChange[];
  /** Reads the zone again: the changes that are still to be made. */
  again: () => Promise<RecordChange[]>;
  startedAt: Date;
  comment: string;
};

/**
 * Makes one atomic batch of changes. While an earlier change of the zone is at work (PriorRequestNotComplete) or the API
 * throttles, it is asked again within the step, as a Wait state would cost users more than the pauses do; at most until
 * `limits.startingSeconds` of the step have passed, then TransientError. After a lost reply the zone is read first: a
 * batch that was applied is not made twice. Returns the id of the change, null when it was already made.
 */
export const changeZone = async (
  { clients, log, now }: Context,
  { zone, changes, again, startedAt, comment }: ZoneChange,
): Promise<string | null> => {
  let left = changes;
  let last = "";
  let lost = false;
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      if (lost) left = await again();
      lost = false;
      if (left.length === 0) return null;
      return await changeRecords(clients, zone, batchOf(left), comment);
    } catch (error) {
      if (!isPassing(error)) throw error;
      lost ||= isSilence(error);
      last = codeOf(error);
      const seconds = Math.min(pauseSecondsMax, 2 ** tries);
      log.warn("the record change was not applied yet", { zone, code: last, seconds });
      if ((now().getTime() - startedAt.getTime()) / 1_000 + seconds > limits.startingSeconds) break;
      await sleep(seconds);
    }
  }
  throw new TransientError(
    `zone ${zone}: the record change was not applied: ${last}`,
    "The step is run again by the state machine.",
  );
};

const batchOf = (changes: RecordChange[]) => ({
  upserts: changes.flatMap(({ after }) => after ?? []),
  deletes: changes.flatMap(({ before, after }) => (after === null && before ? [before] : [])),
});
