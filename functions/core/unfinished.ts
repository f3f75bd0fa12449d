import type { Controls } from "./controls.ts";
import type { Decision } from "./decide.ts";
import { fitName } from "./names.ts";
import type { Traffic } from "./plan.ts";
import type { Row } from "./row.ts";
import type { Place } from "./traffic-place.ts";

/** Seconds from the end of a run to the one that goes on with its move: growing, and then it is up to people. */
const pausesSeconds = [0, 60, 120, 240, 480, 900, 1_800, 1_800, 1_800, 3_600, 3_600, 3_600];

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
  const { tries, of } = unfinished;
  const pause = pausesSeconds[tries];
  if (pause === undefined)
    return {
      action: "hold",
      code: "MoveGivenUp",
      because: `${tries} runs could not finish the move of ${of}: ${place.because}`,
    };
  if (paused) return { action: "hold", code: "Paused", because: `${paused.by} paused it at ${paused.at}` };
  if (now.getTime() - Date.parse(endedAt) < pause * 1_000) return null;
  return {
    action: "act",
    code: "MoveUnfinished",
    because: `${name} ended after the row had moved to ${active}, before traffic was seen there (${place.because})`,
  };
};

/** Execution name of the run that goes on with a move for the nth time: one, however many looks come to it. */
export const resumeRunName = (of: string, tries: number) => fitName(`resume-${of}-${tries + 1}`, 80);
