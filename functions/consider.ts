import * as z from "zod/mini";
import { resolveApproval } from "./core/approval/approval.ts";
import type { Evidence } from "./core/detect/evidence.ts";
import { RefusedError } from "./core/errors.ts";
import type { Question } from "./core/model/approval-request.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  lossGate: z.object({ value: z.object({ code: z.custom<Question["code"]>((value) => typeof value === "string") }) }),
});

export type ConsiderResult = { code: string; because: string };

/**
 * Closes the approval request, then reads the answer and the evidence again: RefusedError when they do not permit the
 * failover. Safe to run twice: a closed request takes no further answer.
 */
export const consider = async (
  { run, lease, lossGate }: z.infer<typeof Input>,
  context: Context,
): Promise<ConsiderResult> => {
  const { store, now } = context;
  const startedAt = now();
  const { application } = run;
  const { plan } = await beginStep(context, run, lease.value);
  const question = await store.closeQuestion(application, run.name, startedAt.toISOString());
  const evidence = await store.evidence<Evidence>(application);

  const asked = question ?? { code: lossGate.value.code, answer: null };
  const { action, code, because, hint } = resolveApproval(run, asked, plan.detect.approval, evidence, startedAt);
  await recordStep(context, run, {
    state: "Consider",
    startedAt,
    outcome: code,
    detail: { because, by: asked.answer?.by ?? null },
  });
  if (action === "refuse") throw new RefusedError(because, hint);
  return { code, because };
};

export const handler = step("consider", Input, consider, { table: ["UpdateItem"] });
