import type { Evidence } from "./evidence.ts";

/** What the answers say of something that is not there: an alarm, or the TXT pair of a health check. */
const notThere = /does not exist|ENOTFOUND|ENODATA/;

/** What a probe met whose name has no address: it is unhealthy from the first look on, and nothing is ever armed. */
const noName = /no answer \(ENOTFOUND\)/;

/** Witnesses that can never vote, or never say healthy, as the last evaluation found: what they name does not exist. */
export const witnessWarnings = (evidence: Pick<Evidence, "votes"> | null): string[] =>
  Object.entries(evidence?.votes ?? {}).flatMap(([name, { state, because }]) => {
    if (state === "cannot-tell" && notThere.test(because)) return [`witness ${name} can never vote: ${because}`];
    if (state === "unhealthy" && noName.test(because))
      return [`witness ${name} queries a name that does not exist: ${because}`];
    return [];
  });
