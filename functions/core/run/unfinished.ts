import { secondsSince } from "../clock/time.ts";
import type { Decision } from "../detect/decide-action.ts";
import type { Controls } from "../model/operator-controls.ts";
import type { Traffic } from "../model/plan.ts";
import type { Row, Unfinished } from "../model/row.ts";
import { fitName } from "../names.ts";
import { cut } from "../payload.ts";
import type { TrafficReading } from "../traffic/traffic-place.ts";
import type { ReportedError } from "./outcome.ts";
import { passingEnd } from "./second-start.ts";

/** Seconds from the end of a run to the one that goes on with its move: growing, and then an operator has to continue. */
const pausesSeconds = [0, 60, 120, 240, 480, 900, 1_800, 1_800, 1_800, 3_600, 3_600, 3_600];

/** A refused move is tried once an hour: the cause may be fixed without a start. */
const refusedPauseSeconds = 3_600;

/** The unfinished move of a run that moved the row but not, as far as was seen, traffic; `resume`: the move that it continued. */
export const unfinishedBy = (
  { name, error }: { name: string; error: ReportedError | null },
  resume: Unfinished | null,
): Unfinished => {
  const isRefused = error !== null && !passingEnd.test(error.name) && error.name !== "DeadlineExceededError";
  return {
    of: resume?.of ?? name,
    tries: resume ? resume.tries + 1 : 0,
    ...(error && { because: cut(`${error.name}: ${error.message}`, becauseMax) }),
    ...(isRefused && { refused: true as const }),
  };
};
const becauseMax = 500;

/** What to do about an unfinished move; null when there is none, or nothing to do now. */
export const judgeUnfinished = (
  { switch: by }: Traffic,
  { active, lastRun, run }: Row,
  place: TrafficReading,
  { paused }: Controls,
  now: Date,
): Decision | null => {
  if (!lastRun?.unfinished || run) return null;
  const { name, endedAt, unfinished } = lastRun;
  if (place.code === "Here")
    return {
      action: "none",
      code: "MoveFinished",
      because: `${name} ended before traffic was seen in ${active}; traffic is there now`,
    };
  // the heartbeat publishes a takeover each minute: there is nothing more that a run could do
  if (by === "takeover") return null;
  const { tries, of, refused } = unfinished;
  const pause = pausesSeconds[tries];
  if (pause === undefined)
    return {
      action: "hold",
      code: "MoveGivenUp",
      because: `${tries} runs could not finish the move of ${of}: ${place.because}`,
    };
  if (paused) return { action: "hold", code: "Paused", because: `${paused.by} paused it at ${paused.at}` };
  const seconds = refused && tries > 0 ? Math.max(pause, refusedPauseSeconds) : pause;
  if (secondsSince(endedAt, now) < seconds) return null;
  return {
    action: "act",
    code: "MoveUnfinished",
    because: `${name} ended after ${active} became active, before traffic was seen there (${place.because})`,
  };
};

/** Execution name of the run that continues a move for the nth time: one, however many evaluations find it. */
export const resumeRunName = (of: string, tries: number) => fitName(`resume-${of}-${tries + 1}`, 80);

/** An unfinished move for operators: what blocks it, and what to do. `how` starts a failover. */
export const unfinishedSentence = (
  { of, tries, because, refused }: Unfinished,
  application: string,
  how = `start the failover machine with { "application": "${application}" }`,
): string => {
  const left = tries < pausesSeconds.length;
  return [
    `The move of ${of} is not finished`,
    ...(tries > 0 ? [`, though ${tries} run${tries === 1 ? "" : "s"} tried to continue it`] : []),
    ...(because ? [`; the last one ended on ${because.replace(/\.$/, "")}`] : []),
    `. ${refused ? "Fix that, then " : "To continue it now, "}${how}.`,
    left ? " Lifeboat also tries again by itself." : " Lifeboat does not try again by itself.",
  ].join("");
};
