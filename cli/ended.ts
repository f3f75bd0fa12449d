import type { Execution } from "../functions/aws/execution-history.ts";
import { judgeOutcome, type Outcome, type ReportedError, readError } from "../functions/core/run/outcome.ts";

/** How an execution ended, as a person reads it. `because` when it had nothing to do or was not let in. */
export type Ended = {
  outcome: Outcome;
  because: string | null;
  error: ReportedError | null;
  /** Where the report lies, or null when there is none. */
  report: string | null;
  /** What the run could not do, a sentence each. */
  problems: string[];
};

type Value = { value?: Record<string, unknown> };
type State = Partial<Record<"lease" | "report" | "answered" | (typeof passStates)[number], Value>>;
/** States whose problems are printed, in their order. */
const passStates = ["snapshot", "copy", "catalog", "rotate"] as const;

/** Reads the end of an execution. */
export const endedOf = ({ status, output, error, cause }: Execution): Ended => {
  const state = stateOf(output);
  const problems = passStates.flatMap((name) => problemsOf(state[name]?.value));
  const url = state.report?.value?.url;
  const common = { report: typeof url === "string" ? url : null, problems };
  if (status !== "SUCCEEDED") {
    const found = readError({ Error: error ?? status, Cause: cause ?? `the execution is ${status}` });
    return { ...common, outcome: judgeOutcome(found, false), because: null, error: found };
  }
  const answered = state.answered?.value;
  if (answered) return { ...common, outcome: "succeeded", because: String(answered.because), error: null };
  const lease = state.lease?.value;
  if (lease?.held === false)
    return {
      ...common,
      outcome: "refused",
      because: String(lease.because ?? "another execution is running"),
      error: null,
    };
  const outcome = state.report?.value?.outcome;
  if (outcome === undefined)
    return {
      ...common,
      outcome: problems.length ? "partial" : "succeeded",
      because: "there was nothing to do",
      error: null,
    };
  return { ...common, outcome: outcome as Outcome, because: null, error: null };
};

const stateOf = (output: string | null): State => {
  try {
    return (JSON.parse(output ?? "{}") ?? {}) as State;
  } catch {
    return {};
  }
};

const problemsOf = (value: Record<string, unknown> | undefined): string[] => {
  const { problems } = value ?? {};
  if (Array.isArray(problems)) return problems.map(String);
  return Object.entries((problems as Record<string, unknown>) ?? {}).map(
    ([resource, because]) => `${resource}: ${because}`,
  );
};
