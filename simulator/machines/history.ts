/** The execution history of Step Functions: how many events AWS writes, and its limit. */

/** An event of the interpreter's log, as far as AWS's history has something for it. */
export type Logged = { type: string; state?: { type: string } };

/** Most events of one execution, and how it ends for it. [SFN:bp-history-limit, SFN:service-quotas] */
export const historyMax = 25_000;
export const historyFull = {
  error: "States.Runtime",
  cause: `The execution reached the maximum number of history events (${historyMax}).`,
};

/**
 * Events that AWS writes into the history for one of the interpreter's. A task has five: entered, scheduled, started,
 * succeeded, exited; each retry three more (failed or timed out, scheduled, started). A Map has started and succeeded
 * beside entered and exited, and two an iteration. A Fail state is never exited. [SFN: HistoryEvent]
 */
export const eventsOf = ({ type, state }: Logged): number => {
  const [entered, retried, failed, exited] = ofState[state?.type ?? ""] ?? plain;
  if (type === "StateEntered") return entered;
  if (type === "StateRetried") return retried;
  if (type === "StateFailed") return failed;
  if (type === "StateExited") return exited;
  // what was caught is exited, too, but has not succeeded
  if (type === "StateCaught") return 1 - exited;
  return type.startsWith("ParallelBranch") ? 0 : 1;
};

/** Events when a state of this kind is entered, tried again, has failed, is exited. */
type Counts = [entered: number, retried: number, failed: number, exited: number];
const plain: Counts = [1, 0, 0, 1];
const ofState: Record<string, Counts> = {
  Task: [3, 2, 1, 2],
  Map: [2, 1, 1, 2],
  Parallel: [2, 1, 1, 2],
};
