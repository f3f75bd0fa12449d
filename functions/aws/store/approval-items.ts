import { isNonce } from "../../core/approval/link.ts";
import type { Question, Reply } from "../../core/model/approval-request.ts";
import type { Condition, Table } from "./table.ts";

/** `asked`: how often the task asked, each time with another token; `told`: whether the topics were told of it. */
type Stored = Question & { tokens: string[]; nonce: string; asked: number; told: boolean };
/** What whoever tells of a question has to know of it. */
export type Asked = { question: Question; nonce: string; told: boolean };

const triesMax = 5;
const keyOf = (application: string) => ({ pk: application, sk: "question" });
const open: Condition = { equal: ["closedAt", null] };
const unanswered: Condition = { equal: ["answer", null] };
const ofRun = (run: string): Condition => ({ equal: ["run", run] });

/** An item as it was read, without its task tokens. */
export const askedOf = (item: Record<string, unknown>): Asked => {
  const { tokens: _tokens, nonce, asked: _asked, told, ...question } = item as Stored;
  return { question, nonce, told };
};

/** The one question of an application. Its task tokens leave the table by `tokensOf` only. */
export const questionItems = (table: Table) => {
  const stored = (application: string) => table.get<Stored>(keyOf(application));
  const publicPart = (item: Stored) => askedOf(item).question;

  return {
    /** Without what resumes the run, and what opens the page. */
    async question(application: string): Promise<Question | null> {
      const found = await stored(application);
      return found && publicPart(found);
    },
    /** The same for whoever brings the nonce; else null. */
    async questionOf(application: string, nonce: string): Promise<Question | null> {
      const found = await stored(application);
      return isNonce(found?.nonce ?? "", nonce) && found ? publicPart(found) : null;
    },

    /**
     * Asks, or asks again when the task began once more: then the token is a further one, the deadline the later one, and
     * an answer that was given in between stays. Null when others keep writing.
     */
    async saveQuestion(application: string, question: Question, token: string, nonce: string): Promise<Asked | null> {
      const key = keyOf(application);
      for (let tries = 0; tries < triesMax; tries++) {
        const before = await stored(application);
        const again = before?.execution === question.execution;
        const tokens = again ? [...new Set([...before.tokens, token])] : [token];
        const unchanged: Condition = before
          ? { all: [{ equal: ["execution", before.execution] }, { equal: ["asked", before.asked] }] }
          : { absent: "pk" };
        const asked = (before?.asked ?? 0) + 1;
        const written = again
          ? await table.update(key, { set: { tokens, until: question.until, asked } }, unchanged)
          : await table.put(key, { ...question, tokens, nonce, asked, told: false }, unchanged);
        const now = written ? await stored(application) : null;
        if (now) return askedOf(now);
      }
      return null;
    },
    markTold: (application: string, run: string) =>
      table.update(keyOf(application), { set: { told: true } }, ofRun(run)),

    /** Writes the answer of a person, if the question of that run is open and has none. */
    answerQuestion: (application: string, run: string, answer: Reply) =>
      table.update(keyOf(application), { set: { answer } }, { all: [ofRun(run), open, unanswered] }),
    /** Every token of that run, newest first: only one of them still waits. */
    async tokensOf(application: string, run: string): Promise<string[]> {
      const found = await stored(application);
      return found?.run === run ? found.tokens.toReversed() : [];
    },

    /** From now on no answer is taken; gives the question as it stays. Null when it is another run's. */
    async closeQuestion(application: string, run: string, at: string): Promise<Question | null> {
      await table.update(keyOf(application), { set: { closedAt: at } }, { all: [ofRun(run), open] });
      const found = await stored(application);
      return found?.run === run ? publicPart(found) : null;
    },
  };
};
