import type { Evidence } from "./evidence.ts";

/** What detect was told of something that is not there: an alarm, or the TXT pair of a health check. */
const notThere = /does not exist|ENOTFOUND|ENODATA/;

/** Witnesses that can never vote, as the last look found: what they name does not exist. */
export const witnessWarnings = (evidence: Pick<Evidence, "votes"> | null): string[] =>
  Object.entries(evidence?.votes ?? {}).flatMap(([name, { state, because }]) =>
    state === "cannot-tell" && notThere.test(because) ? [`witness ${name} can never vote: ${because}`] : [],
  );
