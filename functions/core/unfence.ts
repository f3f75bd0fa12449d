import type { FencedServer } from "./fence.ts";
import type { ReportedError } from "./outcome.ts";
import type { Row } from "./row.ts";
import type { Run } from "./run.ts";

/** A server that the fence stopped: its EC2 state, and the error that kept it from being started. */
export type LeftServer = FencedServer & { problem: StartProblem | null };
/** `lasting`: asking again is of no use. */
export type StartProblem = { code: string; lasting: boolean };

export type UnfenceDecision = {
  action: "end" | "wait";
  code: "Unfenced" | "StillStopped" | "NotYet";
  started: string[];
  left: LeftServer[];
  waitSeconds: number;
  because: string;
};

/** A server that is stopping cannot be started yet; one that nobody could tell about is asked to. */
export const mayStart = (state: string) => state === "stopped" || state === "unknown";

/** A listing may lag behind a stop, so that one refusal is not believed. */
const refusalsMax = 3;

/** Never starts again, whoever asks. */
const lost = new Set(["shutting-down", "terminated", "gone"]);

/** May the run go on to its report? Only when every server runs, or more asking changes nothing. `polls` counts from 1. */
export const judgeUnfence = (servers: LeftServer[], polls: number): UnfenceDecision => {
  const started = servers.flatMap(({ server, state }) => (state === "running" ? [server] : []));
  const left = servers.filter(({ state }) => state !== "running");
  const final = ({ state, problem }: LeftServer) =>
    lost.has(state) || (problem?.lasting === true && polls >= refusalsMax);
  const done = left.every(final);
  const named = left.map(
    ({ server, state, problem }) => `${server} (${problem ? `${state}, ${problem.code}` : state})`,
  );
  const rest = left.length > 0 ? `; not ${done ? "" : "yet "}${named.join(", ")}` : "";
  return {
    action: done ? "end" : "wait",
    code: left.length === 0 ? "Unfenced" : done ? "StillStopped" : "NotYet",
    started,
    left,
    waitSeconds: unfenceWaitSeconds(polls),
    because: `${started.length} of the ${servers.length} servers that the fence stopped run again${rest}`,
  };
};

/** A shutdown takes a minute, rarely more; after five of them EC2 is at it by force. */
const unfenceWaitSeconds = (polls: number) => (polls <= 60 ? 5 : 15);

type Undone = {
  run: Run;
  row: Row | null;
  fence: { stopped?: string[] } | null;
  unfence: { started: string[]; left: LeftServer[]; because: string } | null;
  unfenceError: ReportedError | null;
};

/** What became of the servers that the fence stopped. `stopped`: those that a person must see to; then `hint` says how. */
export type ToldUnfence = { started: string[]; stopped: string[]; because: string; hint: string };

/** For the report: null when the fence stopped nothing, or the application moved and the fence is to stay. */
export const tellUnfence = ({ run, row, fence, unfence, unfenceError }: Undone): ToldUnfence | null => {
  const fenced = fence?.stopped ?? [];
  if (run.machine !== "failover" || row?.active !== run.source || fenced.length === 0) return null;
  const started = unfence?.started ?? [];
  const isLost = (id: string) => unfence?.left?.some(({ server, state }) => server === id && lost.has(state)) ?? false;
  const stopped = fenced.filter((server) => !started.includes(server) && !isLost(server));
  const reasons = [unfenceError ? `${unfenceError.name}: ${unfenceError.message}` : [], unfence?.because ?? []].flat();
  const command = `aws ec2 start-instances --region ${run.source} --instance-ids ${stopped.join(" ")}`;
  return {
    started,
    stopped,
    because: reasons.join("; ") || (run.unfenceOnFailure ? died : held),
    hint: stopped.length > 0 ? `When ${run.source} is to serve again, start them by hand: ${command}` : "",
  };
};
const died = "the run ended before it could start them again";
const held = "the plan keeps the fence when a run fails (recover.onFailure: hold)";
