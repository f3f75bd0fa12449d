import type { Clients } from "../functions/aws/calls/clients.ts";
import { codeOf, isPassing } from "../functions/aws/calls/errors.ts";
import { describeExecution, type Execution, type StateLeft, statesLeft } from "../functions/aws/execution-history.ts";
import { duration } from "../terminal/format.ts";
import type { Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { waitingFor } from "../terminal/waiting.ts";

const firstWaitSeconds = 1;
const longestWaitSeconds = 10;
/** Answers in a row that may fail before following is given up: the execution goes on all the same. */
const faultsMax = 5;

/** Where nothing can be redrawn, a state that comes again is told again after so long, and that nothing is new. */
const againSeconds = 30;

/** Follows an execution to its end: on a terminal a line that changes, elsewhere a line for each state, now and then. */
export const followExecution = async (
  clients: Clients,
  region: string,
  arn: string,
  { output, quiet, wait }: { output: Output; quiet: boolean; wait: Outside["wait"] },
): Promise<Execution> => {
  const name = arn.split(":").at(-1);
  let last = 0;
  let waitedSeconds = 0;
  let toldSeconds = 0;
  let line = "started";
  const toldAt = new Map<string, number>();
  const isNews = (state: string) => {
    const before = toldAt.get(state);
    if (before !== undefined && (!wordsOf[state] || waitedSeconds - before < againSeconds)) return false;
    toldAt.set(state, waitedSeconds);
    return true;
  };
  let waitSeconds = firstWaitSeconds;
  for (let faults = 0; ; ) {
    try {
      const found = await describeExecution(clients, region, arn);
      const news = quiet ? { left: [], last } : await statesLeft(clients, region, arn, last);
      for (const one of news.left) {
        line = lineOf(one);
        if (output.isTerminal && !asks(one)) continue;
        if (!isNews(one.state)) continue;
        output.out(line);
        toldSeconds = waitedSeconds;
      }
      if (output.isTerminal && !quiet) output.live(`${duration(waitedSeconds)}  ${line}`);
      else if (!quiet && waitedSeconds - toldSeconds >= againSeconds) {
        output.out(`no change since ${line}: ${duration(waitedSeconds)}`);
        toldSeconds = waitedSeconds;
      }
      if (found.status !== "RUNNING") {
        output.live(null);
        return found;
      }
      waitSeconds = news.last === last ? Math.min(waitSeconds * 1.5, longestWaitSeconds) : firstWaitSeconds;
      last = news.last;
      faults = 0;
    } catch (error) {
      if (!isPassing(error) && codeOf(error) !== "ExecutionDoesNotExist") throw error;
      if (++faults >= faultsMax) throw error;
    }
    await waitingFor(`the end of ${name}`, () => wait(waitSeconds * 1_000));
    waitedSeconds += waitSeconds;
  }
};

/** A question to a person stays to be read. */
const asks = ({ state, output }: StateLeft) => valueIn(output, state).ask === true;

/** What a state says of itself, from what it left in the machine. */
const lineOf = ({ state, output }: StateLeft): string => {
  const value = valueIn(output, state);
  if (value.ask === true) return `${state}: needs approval (${value.code}): ${value.because}`;
  const counts = (wordsOf[state] ?? []).flatMap(([key, word]) =>
    typeof value[key] === "number" ? `${value[key]} ${word}` : [],
  );
  return counts.length ? `${state}: ${counts.join(", ")}` : state;
};

const wordsOf: Record<string, [key: string, word: string][]> = {
  Snapshot: [["started", "snapshot sets started"]],
  Copy: [
    ["inFlight", "copies in flight"],
    ["waiting", "waiting"],
    ["left", "left"],
  ],
  Rotate: [["passes", "passes"]],
};

const valueIn = (output: string, state: string): Record<string, unknown> => {
  try {
    return JSON.parse(output)?.[state.charAt(0).toLowerCase() + state.slice(1)]?.value ?? {};
  } catch {
    return {};
  }
};
