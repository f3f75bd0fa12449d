import { isFreshVerdict } from "../clock/time.ts";
import type { Evidence } from "../detect/evidence.ts";
import type { Question, Reply } from "../model/approval-request.ts";
import type { Plan } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import type { Approval, Run } from "../model/run.ts";

/** The question whose run holds the lease and has not read its answer yet; null when no run waits. */
export const waitingQuestion = (question: Question | null, row: Row | null): Question | null =>
  question && !question.closedAt && row?.run?.id === question.execution ? question : null;

/** take: write it down · deliver: it is written down, hand it over · done: the run has it. */
export type ReplyDecision = { action: "take" | "deliver" | "done" } | { action: "refuse"; because: string };

/** May this answer, sent by the execution `via`, be accepted? One run, one answer, in time; each refusal is a sentence. */
export const judgeReply = (
  question: Question | null,
  row: Row | null,
  { application, answer, via, now }: { application: string; answer: Approval; via: string; now: Date },
): ReplyDecision => {
  const refuse = (because: string): ReplyDecision => ({ action: "refuse", because });
  const nothing = refuse(`${application} has no run ${answer.run} that waits for approval`);
  if (question?.run !== answer.run) return nothing;
  const { closedAt, until, answer: given } = question;
  if (given?.via === via) return { action: closedAt ? "done" : "deliver" };
  if (given && (given.approved !== answer.approved || given.by !== answer.by || closedAt))
    return refuse(`${replySentence(question, given)}: an answer cannot be changed`);
  if (closedAt) return refuse(tooLate(question));
  if (!waitingQuestion(question, row)) return nothing;
  if (given) return { action: "deliver" };
  return until <= now.toISOString() ? refuse(tooLate(question)) : { action: "take" };
};

/** As in "run-1 was approved by ann at 2026-03-02T12:05:00.000Z". */
export const replySentence = ({ run }: Pick<Question, "run">, { approved, by, at }: Reply) =>
  `${run} was ${approved ? "approved" : "rejected"} by ${by} at ${at}`;

const tooLate = ({ run, until }: Question) => `${run} waited for approval until ${until}; this answer is too late`;

/** Whether a run goes on once it no longer waits. */
export type ApprovalDecision = {
  action: "go-on" | "refuse";
  code: "Approved" | "NobodyAnswered" | "Withheld" | "RecoveredMeanwhile";
  because: string;
  hint: string;
};

/**
 * Reads the answer of a closed question, and the evidence again: a Region that has recovered is not left. Only an incident
 * goes on without an answer, where the plan says so, and on the verdict that detect itself acts on; a loss above the budget
 * and a failover of a healthy Region always need one.
 */
export const resolveApproval = (
  run: Run,
  { code, answer }: Pick<Question, "code" | "answer">,
  { otherwise }: Plan["detect"]["approval"],
  evidence: Evidence | null,
  now: Date,
): ApprovalDecision => {
  const refuse = (code: ApprovalDecision["code"], because: string, hint: string): ApprovalDecision => ({
    action: "refuse",
    code,
    because: `${code}: ${because}`,
    hint,
  });
  if (answer && !answer.approved) return refuse("Withheld", replySentence({ run: run.name }, answer), startAgain);
  if (!answer && (otherwise === "hold" || code !== "Incident"))
    return refuse("NobodyAnswered", `nobody approved ${run.name} in time`, startAgain);

  const verdict = evidence?.verdict ?? null;
  const seen = isFreshVerdict(verdict, now) ? verdict : null;
  if (run.incident && seen?.code === "Healthy")
    return refuse("RecoveredMeanwhile", `${run.source} has recovered meanwhile (${seen.because})`, startAgain);
  const seenNow = seen ? `the evidence says ${seen.code} (${seen.because})` : "there is no fresh evidence";
  if (!answer && seen?.code !== "RegionUnhealthy")
    return refuse("NobodyAnswered", `nobody approved ${run.name} in time, and ${seenNow}`, startAgain);
  const words = answer
    ? replySentence({ run: run.name }, answer)
    : `nobody answered ${run.name}; the plan says otherwise: act`;
  return {
    action: "go-on",
    code: answer ? "Approved" : "NobodyAnswered",
    because: run.incident ? `${words}; ${seenNow}` : words,
    hint: "",
  };
};

const startAgain = 'To fail over anyway, start it again with "approve": true.';
