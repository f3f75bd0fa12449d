import type { FencedServer } from "./fence.ts";

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
