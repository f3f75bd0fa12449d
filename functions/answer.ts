import * as z from "zod/mini";
import { resumeTask } from "./aws/executions.ts";
import { judgeReply, told } from "./core/approval/approval.ts";
import { RefusedError, TransientError } from "./core/errors.ts";
import type { Approval } from "./core/model/run.ts";
import { RunInput } from "./core/run/machine-state.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput });

export type AnswerResult = { run: string; approved: boolean; because: string };

/**
 * Writes a person's answer down and hands it to the run that waits. Safe to run twice: what was written by this execution
 * is handed over, not answered again. RefusedError when nothing waits, it is too late, or another answer was given;
 * TransientError while the run does not take it.
 */
export const answer = async ({ run }: z.infer<typeof Input>, context: Context): Promise<AnswerResult> => {
  const { store, now } = context;
  const startedAt = now();
  const { application, id: via, answer: given } = run;
  if (!given) throw new RefusedError(`${run.name} brings no answer`, hint);
  const { approved, by } = given;
  const reply = { approved, by, at: startedAt.toISOString(), via };
  const done = { run: given.run, approved, because: told({ run: given.run }, reply) };

  for (let tries = 0; tries < triesMax; tries++) {
    const [question, row] = await Promise.all([store.question(application), store.row(application)]);
    const judged = judgeReply(question, row, { application, answer: given, via, now: startedAt });
    if (judged.action === "refuse") throw new RefusedError(judged.because, hint);
    if (judged.action === "take" && !(await store.answerQuestion(application, given.run, reply))) continue;
    if (judged.action === "done" || (await deliver(context, application, given))) {
      const of = { application, name: given.run };
      await recordStep(context, of, {
        state: "Answer",
        startedAt,
        outcome: outcomeOf(given),
        detail: { by, because: done.because },
      });
      return done;
    }
    if (judged.action === "deliver" && question?.answer && question.answer.via !== via)
      throw new RefusedError(`${told(question, question.answer)}: an answer is given once, and stays`, hint);
    break;
  }
  throw new TransientError(`${given.run} has not taken the answer yet`, "If it was stopped, nothing waits any more.");
};

export const handler = step("answer", Input, answer);

const triesMax = 3;
const hint = "Nothing to do: lifeboat status says what goes on.";
const outcomeOf = ({ approved }: Approval) => (approved ? "Approved" : "Withheld");

/** Hands over by the token that still waits; false when none does. No error tells a token. */
const deliver = async ({ store, clients, settings }: Context, application: string, { run }: Approval) => {
  for (const token of await store.tokensOf(application, run)) {
    try {
      if (await resumeTask(clients, settings.region, token)) return true;
    } catch (error) {
      if (error instanceof Error) error.message = error.message.replaceAll(token, "(token)");
      throw error;
    }
  }
  return false;
};
