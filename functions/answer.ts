import * as z from "zod/mini";
import { resumeTask } from "./aws/executions.ts";
import { RefusedError } from "./core/errors.ts";
import { RunInput } from "./core/inputs.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput });

export type AnswerResult = { run: string; approved: boolean };

/** Gives a person's answer to the run that waits for it, once: RefusedError when nothing waits, or it was answered. */
export const answer = async ({ run }: z.infer<typeof Input>, context: Context): Promise<AnswerResult> => {
  const { store, clients, settings, now } = context;
  const startedAt = now();
  const { application } = run;
  const given = run.answer;
  const question = await store.question(application);
  if (!given || question?.run !== given.run)
    throw new RefusedError(`no run of ${application} with that name waits for an answer`, hint);
  if (question.until <= startedAt.toISOString())
    throw new RefusedError(`${given.run} waited for an answer until ${question.until}: this one comes too late`, hint);
  const { approved, by } = given;
  const token = await store.answerQuestion(application, given.run, { approved, by, at: startedAt.toISOString() });
  const answered = question.answer ?? (token ? null : (await store.question(application))?.answer);
  if (!token) throw new RefusedError(`${given.run} was answered before, by ${answered?.by ?? "somebody else"}`, hint);
  await resumeTask(clients, settings.region, token);
  await recordStep(context, { application, name: given.run }, "Answer", "", startedAt, said(approved), { by });
  return { run: given.run, approved };
};

export const handler = step("answer", Input, answer);

const hint = "Nothing to do: lifeboat status says what goes on.";
const said = (approved: boolean) => (approved ? "Approved" : "Withheld");
