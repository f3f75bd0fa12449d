import { secondsSince } from "../clock/time.ts";
import { limits } from "../limits.ts";

/** What a run asks a person, and the answer: one item of the table, beside its task tokens. Times are ISO 8601. */
export type Question = {
  /** Name and ARN of the execution that waits. */
  run: string;
  execution: string;
  code: "Incident" | "LooksHealthy" | "LossBudgetExceeded";
  because: string;
  askedAt: string;
  /** When the run goes on without an answer, and whether it then stops or moves the application all the same. */
  until: string;
  otherwise: "hold" | "act";
  answer: Reply | null;
  /** When the run has read its answer, or that there is none: it takes no other from then on. */
  closedAt: string | null;
};

/** No topic has the open question, and its sender cannot be at work any more. */
export const isUndelivered = (
  { question, told }: { question: Question; told: boolean },
  run: string,
  now: Date,
): boolean =>
  !told &&
  question.run === run &&
  question.answer === null &&
  question.closedAt === null &&
  question.until > now.toISOString() &&
  secondsSince(question.askedAt, now) >= limits.functionSeconds;

/** What a person said; `via` is the execution that brought it, so that one that runs twice is no second answer. */
export type Reply = { approved: boolean; by: string; at: string; via: string };
