import { named } from "../run/wave.ts";
import type { FencedServer } from "./facts.ts";

/** A server that the fence stopped: its EC2 state, and why it did not start. `lasting`: a further try changes nothing. */
export type LeftServer = FencedServer & { problem: { code: string; lasting: boolean } | null };

/** A subnet or an Auto Scaling group that is not as it was, and why. */
export type LeftChange = { title: string; code: string; lasting: boolean };

export type UnfenceDecision = {
  action: "end" | "wait";
  code: "Unfenced" | "StillStopped" | "NotYet";
  started: string[];
  left: LeftServer[];
  held: string[];
  waitSeconds: number;
  because: string;
};

/** A server that is stopping cannot be started yet; one whose state could not be read is started. */
export const mayStart = (state: string) => state === "stopped" || state === "unknown";

/** A listing may lag behind a stop, so that one refusal is no proof. */
const refusalsMax = 3;

const lost = new Set(["shutting-down", "terminated", "gone"]);

/** EC2 never starts it again. */
export const isLost = ({ state }: FencedServer) => lost.has(state);

const isFinal = (server: LeftServer, polls: number) =>
  isLost(server) || (server.problem?.lasting === true && polls >= refusalsMax);

/** Not while one of the servers may still come to run: Auto Scaling would replace it. */
export const mayResume = (servers: LeftServer[], polls: number): boolean =>
  servers.every((server) => server.state === "running" || isFinal(server, polls));

/**
 * May the run go on to its report? Only when every server runs and every change is undone, or a further try changes
 * nothing. `polls` counts from 1.
 */
export const judgeUnfence = (servers: LeftServer[], polls: number, changes: LeftChange[]): UnfenceDecision => {
  const started = servers.flatMap(({ server, state }) => (state === "running" ? [server] : []));
  const left = servers.filter(({ state }) => state !== "running");
  const isLast = ({ lasting }: LeftChange) => lasting && polls >= refusalsMax;
  const done = left.every((server) => isFinal(server, polls)) && changes.every(isLast);
  const all = [
    ...left.map(({ server, state, problem }) => `${server} (${problem ? `${state}, ${problem.code}` : state})`),
    ...changes.map(({ title, code }) => `${title} (${code})`),
  ];
  const rest = all.length > 0 ? `; not ${done ? "" : "yet "}restored: ${named(all)}` : "";
  return {
    action: done ? "end" : "wait",
    code: all.length === 0 ? "Unfenced" : done ? "StillStopped" : "NotYet",
    started,
    left,
    held: changes.map(({ title }) => title),
    waitSeconds: unfenceWaitSeconds(polls),
    because: `${started.length} of ${servers.length} stopped servers are running again${rest}`,
  };
};

/** A shutdown takes a minute, rarely more; after five of them EC2 is at it by force. */
const unfenceWaitSeconds = (polls: number) => (polls <= 60 ? 5 : 15);

/** How messages and the report name a group or a subnet. */
export const titleOf = ({ kind, id }: { kind: "group" | "subnet"; id: string }) =>
  kind === "group" ? `Auto Scaling group ${id}` : `subnet ${id}`;
