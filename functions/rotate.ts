import * as z from "zod/mini";
import { checkLease } from "./aws/store/lease.ts";
import type { Run } from "./core/model/run.ts";
import { isNothing, type RotationTally, rotationText, shortfallsOf } from "./core/points/rotation-tally.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { beginRotation } from "./kinds/instances/rotate/begin.ts";
import { goOnRotating, type Rotating } from "./kinds/instances/rotate/pass.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  rotate: z.optional(z.object({ value: z.custom<RotateResult>((value) => value !== undefined) })),
});

export type RotateResult = Rotating & {
  done: boolean;
  /** There was nothing to do, and nobody asked: no report is written. */
  rest: boolean;
  passes: number;
  waitSeconds: number;
};

/** Passes of one rotation: what is left then, the next one finds again. The machine gives up a little later. */
const passesMax = 1_900;
/** Long enough for the token bucket of deletions, 5 a second, and for a run that is about to pin a point to be seen. */
const waitSeconds = 10;

/**
 * Decides what goes, writes down that no run may use it any more, and deletes it, a slice in each pass: images, then
 * snapshots, last the record. Throws RefusedError when a person should be asked first. Safe to run twice, and to die
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
      ? await goOnRotating(context, run, before)
      : await beginRotation(context, run, before?.tally ?? null);

  const passes = (before?.passes ?? 0) + 1;
  const done = rotating.next === "done" || passes >= passesMax;
  const tally = rotating.next === "done" || !done ? rotating.tally : cutShort(rotating);
  const rest = done && run.request.by !== "person" && isNothing(tally);
  if (done && !rest) await recordRotation(context, run, startedAt, tally);
  return { ...rotating, tally, done, rest, passes, waitSeconds: rotating.next === "delete" ? waitSeconds : 1 };
};

export const handler = step("rotate", Input, rotate);

/** Points that are not done with when the last pass ends: the next rotation goes on with them. */
const cutShort = ({ tally, forget, sourceless }: Rotating): RotationTally => ({
  ...tally,
  left: tally.left + forget.length + sourceless.length,
});

const recordRotation = async (context: Context, run: Run, startedAt: Date, tally: RotationTally): Promise<void> => {
  const failed = shortfallsOf(tally);
  const outcome = failed.length > 0 ? "Partial" : "Rotated";
  const detail = { ...tally, failed, because: rotationText(tally) };
  await recordStep(context, run, { state: "Rotate", startedAt, outcome, detail });
};
