import { secondsSince } from "../clock/time.ts";
import type { Decision } from "../detect/decide.ts";
import type { Controls } from "../model/operator-controls.ts";
import type { Traffic } from "../model/plan.ts";
import type { Row, Unfinished } from "../model/row.ts";
import { fitName } from "../names.ts";
import { cut } from "../payload.ts";
import type { Place } from "../traffic/traffic-place.ts";
import type { ReportedError } from "./outcome.ts";
import { passingEnd } from "./second-start.ts";

/** Seconds from the end of a run to the one that goes on with its move: growing, and then it is up to people. */
const pausesSeconds = [0, 60, 120, 240, 480, 900, 1_800, 1_800, 1_800, 3_600, 3_600, 3_600];

/** What was refused is asked for once an hour: it may be mended by somebody who starts nothing. */
const refusedPauseSeconds = 3_600;

/** What a run that moved the row leaves behind when traffic was not seen to follow; `resume`: what it went on with itself. */
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

/** What is to be done about a move whose traffic was not seen to follow; null when there is none, or nothing now. */
export const judgeUnfinished = (
  { switch: by }: Traffic,
  { active, lastRun, run }: Row,
  place: Place,
  { paused }: Controls,
  now: Date,
): Decision | null => {
  if (!lastRun?.unfinished || run) return null;
  const { name, endedAt, unfinished } = lastRun;
  if (place.code === "Here")
    return {
      action: "none",
      code: "MoveFinished",
      because: `${name} ended before traffic was seen in ${active}: it is there now`,
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
    because: `${name} ended after the row had moved to ${active}, before traffic was seen there (${place.because})`,
  };
};

/** Execution name of the run that goes on with a move for the nth time: one, however many looks come to it. */
export const resumeRunName = (of: string, tries: number) => fitName(`resume-${of}-${tries + 1}`, 80);

/** The move of a run that traffic did not follow, for people: what keeps it back, and what they do. `how` starts a failover. */
export const tellUnfinished = (
  { of, tries, because, refused }: Unfinished,
  application: string,
  how = `start the failover machine with { "application": "${application}" }`,
): string => {
  const left = tries < pausesSeconds.length;
  return [
    `The move of ${of} is not finished`,
    ...(tries > 0 ? [`, though ${tries} run${tries === 1 ? "" : "s"} went on with it`] : []),
    ...(because ? [`; the last one ended on ${because.replace(/\.$/, "")}`] : []),
    `. ${refused ? "Mend that, then " : "To go on with it now, "}${how}.`,
    left ? " It is also tried again by itself." : " It is not tried again by itself any more.",
  ].join("");
};
