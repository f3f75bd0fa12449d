import * as z from "zod/mini";
import { resumeTask, startOnce } from "./aws/executions.ts";
import type { Pause } from "./aws/store/store.ts";
import { secondsSince } from "./core/clock/time.ts";
import { type EbsEvent, readEbsEvent } from "./core/instances/copy/ebs-events.ts";
import { limits } from "./core/limits.ts";
import { wakeRunName } from "./core/names.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

/** resumed: a pass goes on now · started: a pass goes on with a queue that was left · ignored: nothing waits for it. */
export type WakeResult = { outcome: "resumed" | "started" | "ignored"; because: string };

/** A burst of events ends a pause once: what comes so soon after it began is left to the next look, as each costs three transitions. */
const burstSeconds = 20;

/**
 * An event of EBS ends the wait of the pass that it is about, or starts a pass for a queue that nobody works at. It
 * shortens waits and nothing else: late, double, lost and foreign events change nothing but the time.
 */
export const wake = async (input: unknown, context: Context): Promise<WakeResult> => {
  const { store, clients, settings, metrics, log, now } = context;
  const event = readEbsEvent(input);
  if ("dropped" in event) {
    metrics.add("DroppedEvents", "Count", 1, { Reason: event.dropped });
    log.warn("event dropped", { code: event.dropped, because: event.because });
    return { outcome: "ignored", because: event.because };
  }

  const pause = await store.pause(event.application);
  const ageSeconds = pause ? secondsSince(pause.at, now()) : Number.POSITIVE_INFINITY;
  if (pause && ageSeconds <= limits.pollSecondsMax) {
    if (!isAwaited(event, pause)) return { outcome: "ignored", because: `${event.ids[0]} is not awaited` };
    if (ageSeconds < burstSeconds) return { outcome: "ignored", because: "the pause has only begun" };
    if (await resumeTask(clients, settings.region, pause.token))
      return { outcome: "resumed", because: `${event.ids[0]} has ended` };
  }
  return goOn(context, event.application);
};

export const handler = step("wake", z.unknown(), wake);

type SnapshotsEnded = Exclude<EbsEvent, { dropped: string }>;
const isAwaited = ({ kind, ids }: SnapshotsEnded, { awaited, sources }: Pause) =>
  kind === "snapshot" ? sources : ids.some((id) => awaited.includes(id));

/** A pass that ended at its bound, or was stopped, has left a queue: the next one begins now, at most one a minute. */
const goOn = async (context: Context, application: string): Promise<WakeResult> => {
  const { store, clients, settings, now } = context;
  const { items } = await store.queue(application, 1);
  if (items.length === 0) return { outcome: "ignored", because: "nothing is queued" };
  const row = await store.row(application);
  if (!row || row.run || row.protect || row.phase !== "protected")
    return { outcome: "ignored", because: `${(row?.run ?? row?.protect)?.name ?? row?.phase} is at work` };

  const name = wakeRunName(application, now());
  const start = { machine: settings.replicateMachine, name, input: { application, by: "schedule" } };
  const { started } = await startOnce(clients, settings.region, start);
  return started
    ? { outcome: "started", because: `${name} goes on with the queue` }
    : { outcome: "ignored", because: `${name} was started before` };
};
