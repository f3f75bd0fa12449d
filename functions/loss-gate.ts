import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { RefusedError } from "./core/errors.ts";
import type { Evidence } from "./core/evidence.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { judgeLoss, lossOf } from "./core/loss.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput, lease: LeaseInput });

export type LossGateResult = {
  lossSeconds: number;
  pointAt: string | null;
  because: string;
  code: string;
  /** Whether a person decides, and how long the run waits for that, seconds. */
  ask: boolean;
  waitSeconds: number;
};

/** Asks a person first when more would be lost than the plan allows, or while everything looks healthy: RefusedError. */
export const lossGate = async ({ run, lease }: z.infer<typeof Input>, context: Context): Promise<LossGateResult> => {
  const startedAt = context.now();
  const { store } = context;
  const row = await checkLease(context, run, lease.value);
  const plan = await store.plan(run.application, run.planVersion);
  const pinned = Object.values(row.run?.points ?? {});
  const points = await Promise.all(pinned.map((id) => store.point(run.application, id)));
  const times = points.flatMap((point) => point?.pointAt ?? []);
  const evidence = await store.evidence<Evidence>(run.application);

  const loss = lossOf(times, { run, fence: null, now: startedAt });
  const { action, code, because, hint } = judgeLoss(
    loss,
    plan.recover.lossBudgetSeconds,
    run,
    evidence?.verdict ?? null,
    startedAt,
  );
  await recordStep(context, run, "LossGate", "", startedAt, code, { because, ...loss });
  if (action === "refuse") throw new RefusedError(because, hint);
  return { lossSeconds: loss.lossSeconds, pointAt: loss.pointAt, because, code, ask: false, waitSeconds: 1 };
};

export const handler = step("loss-gate", Input, lossGate);
