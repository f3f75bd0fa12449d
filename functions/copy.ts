import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { copyWaitSeconds, nextCopies } from "./core/copy-queue.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { settlePoints } from "./kinds/instances/complete.ts";
import { startCopies } from "./kinds/instances/copies.ts";
import { copiesInFlight, readReplication } from "./kinds/instances/replication.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Before = z.object({ value: z.object({ passes: z.number(), refused: z.record(z.string(), z.string()) }) });
const Input = z.object({ run: RunInput, lease: LeaseInput, copy: z.optional(Before) });

export type CopyResult = {
  started: number;
  /** Pending copies of the target Region: ours, and while some wait for a slot anybody's. */
  inFlight: number;
  /** Copies that could start but for a free slot. */
  waiting: number;
  passes: number;
  waitSeconds: number;
  /** Resource -> why AWS will not copy for it in this pass. */
  refused: Record<string, string>;
};

/**
 * Keeps the copy slots of the target Region full, newest point first, and completes a point as soon as all its copies
 * are. Finds what earlier passes started by its tags, so that it is safe to run twice.
 */
export const copy = async (
  { run, lease, copy: before }: z.infer<typeof Input>,
  context: Context,
): Promise<CopyResult> => {
  await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);
  const replication = await readReplication(context, run, plan, "open");
  await settlePoints(context, plan, replication);

  const known = before?.value.refused ?? {};
  const volumes = replication.watched.filter(({ point }) => point.state === "open").flatMap(({ volumes }) => volumes);
  const copying = volumes.flatMap(({ state, copy }) => (state === "copying" && copy ? copy : []));
  const isReady = volumes.some(({ state }) => state === "ready");
  const inFlight = isReady ? await copiesInFlight(context, run) : copying;
  const queue = nextCopies(volumes, inFlight.length, new Set(Object.keys(known)));
  const { started, refused } = await startCopies(context, run, plan, queue.start);

  const waiting = queue.waiting + queue.start.length - started;
  const snapshotting = volumes.filter(({ state }) => state === "snapshotting");
  const pending = [...snapshotting.flatMap(({ source }) => source ?? []), ...(waiting ? inFlight : copying)];
  const unseen = started + snapshotting.filter(({ source }) => !source).length;
  return {
    started,
    inFlight: inFlight.length + started,
    waiting,
    passes: (before?.value.passes ?? 0) + 1,
    waitSeconds: copyWaitSeconds(pending, waiting + snapshotting.length > 0, unseen, context.now()),
    refused: { ...known, ...refused },
  };
};

export const handler = step("copy", Input, copy);
