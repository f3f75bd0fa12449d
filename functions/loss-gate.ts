import * as z from "zod/mini";
import type { Evidence } from "./core/detect/evidence.ts";
import { resourceOf } from "./core/model/run.ts";
import { withinPayload } from "./core/payload.ts";
import { judgeLoss, lossOf } from "./core/run/loss.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { exposure } from "./kinds/instances/exposure.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput, lease: LeaseInput });

export type LossGateResult = {
  lossSeconds: number;
  pointAt: string | null;
  because: string;
  code: string;
  /** Whether approval is needed, and how long the run waits for it, seconds. */
  ask: boolean;
  waitSeconds: number;
};

/** Computes the data loss, and whether approval is needed first: for an incident, a healthy Region, or more loss than the plan allows. */
export const lossGate = async ({ run, lease }: z.infer<typeof Input>, context: Context): Promise<LossGateResult> => {
  const startedAt = context.now();
  const { store } = context;
  const [{ row, plan }, evidence] = await Promise.all([
    beginStep(context, run, lease.value),
    store.evidence<Evidence>(run.application),
  ]);
  const pinned = Object.entries(row.run?.points ?? {});
  const exposures = await Promise.all(pinned.map(([name, id]) => exposure(context, run, resourceOf(plan, name), id)));

  const loss = lossOf(exposures, { run, fence: null, now: startedAt });
  const verdict = evidence?.verdict ?? null;
  const decision = judgeLoss(loss, plan.recover.lossBudgetSeconds, run, verdict, startedAt);
  const { action, code } = decision;
  const because = [decision.because, ...Object.values(row.run?.instead ?? {})].join("; ");
  await recordStep(context, run, { state: "LossGate", startedAt, outcome: code, detail: { because, ...loss } });
  const { lossSeconds, pointAt } = loss;
  const waitSeconds = plan.detect.approval.withinSeconds;
  return { lossSeconds, pointAt, because, code, ask: action === "ask", waitSeconds };
};

export const handler = step("loss-gate", Input, withinPayload(lossGate), {
  result: () => ({ ask: true, waitSeconds: 60 }),
});
