/** Questions about executions: which application, which kind of run, how it ended. */

import type { Execution } from "./executions.ts";

/** The application that an execution was started for; "" when its input names none. */
export const applicationOf = ({ input }: Pick<Execution, "input">): string =>
  (input as { application?: string } | null)?.application ?? "";

/** Executions of failover that move something: those that only bring a person's answer to a run, or prove rights, do not count. */
export const runsOf = (executions: Execution[]): Execution[] =>
  executions.filter((one) => one.machine === "failover" && !isAnswer(one) && !isProof(one));

/** Whether an execution only brings a person's answer to a run. */
export const isAnswer = ({ input, results }: Pick<Execution, "input" | "results">): boolean => {
  const loaded = results.get("LoadPlan") as { answer?: unknown } | undefined;
  return Boolean((input as { answer?: unknown } | null)?.answer ?? loaded?.answer);
};

/** Whether an execution is a dry one. */
export const isProof = ({ input }: Pick<Execution, "input">): boolean =>
  (input as { proof?: unknown } | null)?.proof === true;

/** Whether it read its plan before it ended: a Lambda goes on when its execution is aborted, and nobody hears what it says. */
export const hasBegun = ({ invocations, endedAt }: Pick<Execution, "invocations" | "endedAt">): boolean =>
  invocations.some(
    (one) => one.state === "LoadPlan" && one.outcome === "ok" && one.endedAt <= (endedAt ?? Number.POSITIVE_INFINITY),
  );

/** Whether detect started it. */
export const isAutomatic = ({ input }: Pick<Execution, "input">): boolean =>
  Boolean((input as { incident?: unknown } | null)?.incident);

const passes = new Set(["Launch", "CheckProgress", "Attach", "Verify"]);
/** States that pass over many servers at once: the run's ledger holds each server's part. */
export const isPass = (state: string) => passes.has(state);
