import * as z from "zod/mini";
import { resumeTask } from "./aws/executions.ts";
import { judgeReply, replySentence } from "./core/approval/approval.ts";
import { RefusedError, TransientError } from "./core/errors.ts";
import type { Approval } from "./core/model/run.ts";
import { RunInput } from "./core/run/machine-state.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput });

export type AnswerResult = { run: string; approved: boolean; because: string };

/**
 * Writes an approval or rejection down and delivers it to the waiting run. Safe to run twice: an answer that this execution
 * has written is delivered, not written again. RefusedError when no run waits, it is too late, or another answer was given;
 * TransientError while the run does not take it.
 */
export const answer = async ({ run }: z.infer<typeof Input>, context: Context): Promise<AnswerResult> => {
  const { store, now } = context;
  const startedAt = now();
  const { application, id: via, answer: given } = run;
  if (!given) throw new RefusedError(`${run.name} contains no answer`, hint);
  const { approved, by } = given;
  const reply = { approved, by, at: startedAt.toISOString(), via };
  const done = { run: given.run, approved, because: replySentence({ run: given.run }, reply) };

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
      throw new RefusedError(`${replySentence(question, question.answer)}: an answer cannot be changed`, hint);
    break;
  }
  throw new TransientError(
    `${given.run} has not taken the answer yet`,
    "If the run was stopped, nothing waits for this answer.",
  );
};

export const handler = step("answer", Input, answer);

const triesMax = 3;
const hint = "Nothing to do: run lifeboat status to see the current state.";
const outcomeOf = ({ approved }: Approval) => (approved ? "Approved" : "Withheld");

/** Delivers by the token that still waits; false when none does. No error contains a token. */
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
