import * as z from "zod/mini";
import { resumeTask, tryResume } from "./aws/executions.ts";
import { nonceOf } from "./core/approval/link.ts";
import { announcesRun } from "./core/detect/mass-failover.ts";
import { TransientError } from "./core/errors.ts";
import type { Question } from "./core/model/approval-request.ts";
import type { Plan } from "./core/model/plan.ts";
import type { Run } from "./core/model/run.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { tellQuestion } from "./operators/announce-question.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  lossGate: z.object({
    value: z.object({
      code: z.enum(["Incident", "LooksHealthy", "LossBudgetExceeded"]),
      because: z.string(),
      waitSeconds: z.number(),
    }),
  }),
  token: z.string(),
});

/**
 * Writes the approval request with its task token into the table, then notifies the topics once; when none takes the message,
 * detect tries again. Safe to run twice: an answer to an earlier token is delivered to this one.
 */
export const ask = async ({ run, lease, lossGate, token }: z.infer<typeof Input>, context: Context): Promise<void> => {
  const { store, settings, clients, now } = context;
  const startedAt = now();
  const { application, name } = run;
  const { plan } = await beginStep(context, run, lease.value);
  const { code, because, waitSeconds } = lossGate.value;
  const request: Question = {
    run: name,
    execution: run.id,
    code,
    because,
    askedAt: startedAt.toISOString(),
    until: new Date(startedAt.getTime() + waitSeconds * 1_000).toISOString(),
    otherwise: code === "Incident" ? plan.detect.approval.otherwise : "hold",
    answer: null,
    closedAt: null,
  };
  const asked = await store.saveQuestion(application, request, token, nonceOf(token));
  if (!asked) throw new TransientError(`the approval request of ${name} could not be written`);
  const { question } = asked;
  if (question.answer) {
    await resumeTask(clients, settings.region, token);
    return;
  }
  await recordStep(context, run, {
    state: "Ask",
    startedAt,
    outcome: code,
    detail: { because, until: question.until },
  });
  if (asked.told) return;
  if (code === "Incident" && (await isAnnounced(context, plan, run))) await store.markTold(application, name);
  else await tellQuestion(context, plan, asked);
};

/**
 * Detect announces several failovers at once in one message, unless it dies before. A topic of another Region may be in the
 * failed one: it is not waited for when a topic of this Region took the message.
 */
const isAnnounced = async (
  { store, settings }: Context,
  { application, notify: { topics } }: Plan,
  { incident }: Run,
) => {
  if (!incident?.storm) return false;
  const announced = await store.stormTold();
  const near = topics.filter((topic) => topic.split(":")[3] === settings.region);
  return (near.length > 0 ? near : topics).every((topic) =>
    announcesRun(announced(topic), application, incident.decidedAt),
  );
};

export const handler = step("ask", Input, ask, {
  table: ["UpdateItem"],
  // the token of a dry execution is handed back at once
  tries: async ({ input }, { clients, settings }) => [await tryResume(clients, settings.region, String(input.token))],
});
