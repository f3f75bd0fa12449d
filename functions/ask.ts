import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { Question } from "./core/question.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { notify } from "./runtime/notify.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  lossGate: z.object({
    value: z.object({ code: z.custom<Question["code"]>(), because: z.string(), waitSeconds: z.number() }),
  }),
  token: z.string(),
});

/** Puts the question and its task token into the table and tells the topics. Safe to run twice: the newer token holds. */
export const ask = async ({ run, lease, lossGate, token }: z.infer<typeof Input>, context: Context): Promise<void> => {
  const { store, now } = context;
  const startedAt = now();
  await checkLease(context, run, lease.value);
  const plan = await store.plan(run.application, run.planVersion);
  const { code, because, waitSeconds } = lossGate.value;
  const question: Question = {
    ...{ run: run.name, execution: run.id, code, because },
    askedAt: startedAt.toISOString(),
    until: new Date(startedAt.getTime() + waitSeconds * 1_000).toISOString(),
    answer: null,
  };
  await store.saveQuestion(run.application, question, token);
  await recordStep(context, run, "Ask", "", startedAt, code, { because, until: question.until });
  await notify(context, plan, "decision", {
    subject: `Lifeboat: ${run.application}: ${run.name} asks`,
    text: `${because}\nUntil ${question.until}: lifeboat approve <plan>, or lifeboat withhold <plan>.\n`,
  });
};

export const handler = step("ask", Input, ask);
