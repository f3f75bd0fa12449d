import { notAfter, secondsSince } from "../clock/time.ts";
import { own } from "../own.ts";
import { plain } from "../plain.ts";
/** What one evaluation of a witness gave. `silent`: nothing answered, as in a dead Region; an old red vote is then held. */
export type Reading = {
  state: "healthy" | "unhealthy" | "cannot-tell";
  because: string;
  silent: boolean;
  /** Time of the evidence, ISO 8601, where it is older than the evaluation: of an event, or of a sensor's report. */
  at?: string;
};

/** Answer of an optional call: its value, or why there is none. A throttle or a refusal is an answer: not silent. */
export type CallResult<T> = { value: T } | { silent: boolean; because: string };

export type AlarmState = { state: string; reason: string };

/** A change of an alarm's state, as EventBridge delivers it. */
export type AlarmChange = { alarm: string; region: string; state: string; reason: string; at: string };

/** A vote counts for twice the minute between two evaluations; so does an event that stands in for an unanswered one. */
export const freshSeconds = 120;

/** What a state is on the dashboard: the metric `WitnessState`. */
export const stateNumbers: Record<Reading["state"], number> = { healthy: 0, "cannot-tell": 0.5, unhealthy: 1 };

/**
 * An alarm, read as a level. When its Region does not answer, a fresh event stands in, unless it is older than the last
 * evidence of that alarm (`lastAt`): events come late, twice and out of order. One of the future counts as now.
 */
export const readAlarm = (
  name: string,
  answer: CallResult<Record<string, AlarmState>>,
  change: AlarmChange | null,
  lastAt: string | null,
  now: Date,
): Reading => {
  if ("value" in answer) {
    const found = own(answer.value, name);
    return found ? ofAlarmState(found) : unclear(`alarm ${name} does not exist`);
  }
  const at = change && notAfter(change.at, now);
  if (change && at && secondsSince(at, now) <= freshSeconds && !(lastAt && at < lastAt))
    return { ...ofAlarmState(change), at };
  return { ...unclear(answer.because), silent: answer.silent };
};

export type TextAnswer = { values: string[] } | { error: string };

/** A Route 53 health check, read through its TXT pair: one of two words, and everything else says nothing. */
export const readHealthText = (name: string, answer: TextAnswer): Reading => {
  if ("error" in answer) return unclear(`TXT ${name}: no answer (${answer.error})`);
  const [word = "nothing", ...others] = answer.values.map((value) => value.replace(/^"(.*)"$/, "$1"));
  const because = `TXT ${name} says ${brief([word, ...others].join(", "))}`;
  if (others.length > 0 || (word !== "healthy" && word !== "unhealthy")) return unclear(because);
  return { state: word, because, silent: false };
};

/** The API of a Region: silence and 5xx are unhealthy; a throttle or a refusal says nothing of the Region. */
export const readApi = (answer: CallResult<unknown>): Reading => {
  if ("value" in answer) return { state: "healthy", because: "the API answers", silent: false };
  if (answer.silent) return { state: "unhealthy", because: brief(answer.because), silent: false };
  return unclear(answer.because);
};

/** Reasons of others are long, and every vote of the evidence holds one. */
const reasonLengthMax = 240;
export const brief = (text: string) =>
  plain(text.length > reasonLengthMax ? `${text.slice(0, reasonLengthMax)}…` : text);

export const unclear = (because: string): Reading => ({
  state: "cannot-tell",
  because: brief(because),
  silent: false,
});

const ofAlarmState = ({ state, reason }: AlarmState): Reading => {
  const because = brief(`${state}: ${reason || "no reason given"}`);
  if (state === "OK") return { state: "healthy", because, silent: false };
  return state === "ALARM" ? { state: "unhealthy", because, silent: false } : unclear(because);
};
