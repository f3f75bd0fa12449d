import * as z from "zod/mini";
import { checkLease } from "./aws/store/lease.ts";
import type { Run } from "./core/model/run.ts";
import { isNothing, type RotationTally, rotationText, shortfallsOf } from "./core/points/rotation-tally.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { beginRotation } from "./kinds/instances/rotate/begin.ts";
import { continueRotation, type RotationState } from "./kinds/instances/rotate/pass.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  rotate: z.optional(z.object({ value: z.custom<RotateResult>((value) => value !== undefined) })),
});

export type RotateResult = RotationState & {
  done: boolean;
  /** There was nothing to do, and no person asked: no report is written. */
  rest: boolean;
  passes: number;
  waitSeconds: number;
};

/** Passes of one rotation: the next rotation deletes what is left. The machine stops a little later. */
const passesMax = 1_900;
/** Long enough for the token bucket of deletions, 5 a second, and for a run that is about to pin a point to be seen. */
const waitSeconds = 10;

/**
 * Decides which points go, records that no run may use them any more, and deletes them, a slice in each pass: images,
 * then snapshots, last the record. Throws RefusedError when a person must approve first. Safe to run twice, and to die
 * anywhere: the next rotation finds what is left.
 */
export const rotate = async (
  { run, lease, rotate: earlier }: z.infer<typeof Input>,
  context: Context,
): Promise<RotateResult> => {
  const startedAt = context.now();
  await checkLease(context, run, lease.value);
  const before = earlier?.value;
  const rotating =
    before && before.next !== "decide"
      ? await continueRotation(context, run, before)
      : await beginRotation(context, run, before?.tally ?? null);

  const passes = (before?.passes ?? 0) + 1;
  const done = rotating.next === "done" || passes >= passesMax;
  const tally = rotating.next === "done" || !done ? rotating.tally : cutShort(rotating);
  const rest = done && run.request.by !== "person" && isNothing(tally);
  if (done && !rest) await recordRotation(context, run, startedAt, tally);
  return { ...rotating, tally, done, rest, passes, waitSeconds: rotating.next === "delete" ? waitSeconds : 1 };
};

export const handler = step("rotate", Input, rotate);

/** Points that are unfinished when the last pass ends: the next rotation continues them. */
const cutShort = ({ tally, forget, sourceless }: RotationState): RotationTally => ({
  ...tally,
  left: tally.left + forget.length + sourceless.length,
});

const recordRotation = async (context: Context, run: Run, startedAt: Date, tally: RotationTally): Promise<void> => {
  const failed = shortfallsOf(tally);
  const outcome = failed.length > 0 ? "Partial" : "Rotated";
  const detail = { ...tally, failed, because: rotationText(tally) };
  await recordStep(context, run, { state: "Rotate", startedAt, outcome, detail });
};
