import { modeOf } from "../model/mode.ts";
import type { Row } from "../model/row.ts";
import type { Run } from "../model/run.ts";
import type { ReportedError } from "../run/outcome.ts";
import { named } from "../run/wave.ts";
import type { FencedServer } from "./fence.ts";
import { type Held, heldOf } from "./undo-log.ts";

/** A server that the fence stopped: its EC2 state, and the error that kept it from being started. */
export type LeftServer = FencedServer & { problem: StartProblem | null };
/** `lasting`: asking again is of no use. */
export type StartProblem = { code: string; lasting: boolean };

/** A subnet or an Auto Scaling group that is not as it was, and why. */
export type LeftThing = { thing: string; code: string; lasting: boolean };

export type UnfenceDecision = {
  action: "end" | "wait";
  code: "Unfenced" | "StillStopped" | "NotYet";
  started: string[];
  left: LeftServer[];
  held: string[];
  waitSeconds: number;
  because: string;
};

/** A server that is stopping cannot be started yet; one that nobody could tell about is asked to. */
export const mayStart = (state: string) => state === "stopped" || state === "unknown";

/** A listing may lag behind a stop, so that one refusal is not believed. */
const refusalsMax = 3;

/** Never starts again, whoever asks. */
const lost = new Set(["shutting-down", "terminated", "gone"]);

const isFinal = ({ state, problem }: LeftServer, polls: number) =>
  lost.has(state) || (problem?.lasting === true && polls >= refusalsMax);

/** Not while one of the servers may still come to run: Auto Scaling would replace it. */
export const mayResume = (servers: LeftServer[], polls: number): boolean =>
  servers.every((server) => server.state === "running" || isFinal(server, polls));

/**
 * May the run go on to its report? Only when every server runs and nothing else is held back, or more asking changes
 * nothing. `polls` counts from 1.
 */
export const judgeUnfence = (servers: LeftServer[], polls: number, things: LeftThing[]): UnfenceDecision => {
  const started = servers.flatMap(({ server, state }) => (state === "running" ? [server] : []));
  const left = servers.filter(({ state }) => state !== "running");
  const isLast = ({ lasting }: LeftThing) => lasting && polls >= refusalsMax;
  const done = left.every((server) => isFinal(server, polls)) && things.every(isLast);
  const all = [
    ...left.map(({ server, state, problem }) => `${server} (${problem ? `${state}, ${problem.code}` : state})`),
    ...things.map(({ thing, code }) => `${thing} (${code})`),
  ];
  const rest = all.length > 0 ? `; not ${done ? "" : "yet "}${named(all)}` : "";
  return {
    action: done ? "end" : "wait",
    code: all.length === 0 ? "Unfenced" : done ? "StillStopped" : "NotYet",
    started,
    left,
    held: things.map(({ thing }) => thing),
    waitSeconds: unfenceWaitSeconds(polls),
    because: `${started.length} of the ${servers.length} servers that the fence stopped run again${rest}`,
  };
};

/** A shutdown takes a minute, rarely more; after five of them EC2 is at it by force. */
const unfenceWaitSeconds = (polls: number) => (polls <= 60 ? 5 : 15);

/** What a fence did, to be undone: servers that it stopped, processes that it suspended, subnets whose ACL it replaced. */
export type FenceDone = {
  stopped: string[];
  suspended: { group: string; processes: string[] }[];
  isolated: { subnet: string; formerAcl: string }[];
};

/** What `by` did, as far as it is not undone. */
export const fenceDone = (held: Held[], by: string): FenceDone => {
  const own = held.filter((one) => one.by === by);
  return {
    stopped: heldOf(own, "server")
      .flatMap(({ id, stopped }) => (stopped ? [id] : []))
      .sort(),
    suspended: heldOf(own, "group").map(({ id, processes }) => ({ group: id, processes })),
    isolated: heldOf(own, "subnet").map(({ id, formerAcl }) => ({ subnet: id, formerAcl })),
  };
};

/** How the report calls it. */
export const thingOf = ({ kind, id }: { kind: "group" | "subnet"; id: string }) =>
  kind === "group" ? `Auto Scaling group ${id}` : `subnet ${id}`;

type Undone = {
  run: Run;
  row: Row | null;
  /** `servers`: as the fence last read them; without them it died on the way. */
  fence: (Partial<FenceDone> & { servers?: FencedServer[] }) | null;
  unfence: { started?: string[]; left?: LeftServer[]; held?: string[]; because: string } | null;
  unfenceError: ReportedError | null;
};

/** What became of the servers that the fence stopped. `stopped`: those that a person must see to; then `hint` says how. */
export type ToldUnfence = { started: string[]; stopped: string[]; because: string; hint: string };

/**
 * For the report: null when the fence did nothing, or the application moved and the fence is to stay. What the fence read
 * as running (EC2 did not stop it, or it is isolated) is not stopped, whatever was asked.
 */
export const tellUnfence = ({ run, row, fence, unfence, unfenceError }: Undone): ToldUnfence | null => {
  const { stopped: fenced = [], suspended = [], isolated = [] } = fence ?? {};
  if (!modeOf(run).fences || row?.active !== run.source) return null;
  if (fenced.length + suspended.length + isolated.length === 0) return null;
  const started = unfence?.started ?? [];
  const isLost = (id: string) => unfence?.left?.some(({ server, state }) => server === id && lost.has(state)) ?? false;
  const ran = new Set(fence?.servers?.flatMap(({ server, state }) => (notStopped.has(state) ? [server] : [])));
  const stopped = fenced.filter((server) => !started.includes(server) && !isLost(server) && !ran.has(server));
  const isHeld = (thing: string) => unfence?.held?.includes(thing) ?? true;
  const reasons = [unfenceError ? `${unfenceError.name}: ${unfenceError.message}` : [], unfence?.because ?? []].flat();
  const here = `--region ${run.source}`;
  const ways = [
    ...isolated.flatMap(({ subnet, formerAcl }) =>
      isHeld(thingOf({ kind: "subnet", id: subnet })) ? [`give ${subnet} its network ACL ${formerAcl} again`] : [],
    ),
    ...(stopped.length > 0
      ? [`start them by hand: aws ec2 start-instances ${here} --instance-ids ${stopped.join(" ")}`]
      : []),
    ...suspended.flatMap(({ group, processes }) =>
      isHeld(thingOf({ kind: "group", id: group }))
        ? [
            `then aws autoscaling resume-processes ${here} --auto-scaling-group-name ${group} --scaling-processes ${processes.join(" ")}`,
          ]
        : [],
    ),
  ];
  return {
    started,
    stopped,
    because: [
      ...(fence?.servers || unfence ? [] : [unread]),
      reasons.join("; ") || (run.unfenceOnFailure ? died : held),
    ].join("; "),
    hint: ways.length > 0 ? `When ${run.source} is to serve again, ${ways.join("; ")}` : "",
  };
};
const notStopped = new Set(["pending", "running", "isolated"]);
const unread = "the fence ended before it could read which of them have stopped";
const died = "the run ended before it could start them again";
const held = "the plan keeps the fence when a run fails (recover.onFailure: hold)";
