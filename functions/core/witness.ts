/** What one look at a witness gave. `silent`: nothing answered, as in a dead Region; an old red vote is then held. */
export type Reading = { state: "healthy" | "unhealthy" | "cannot-tell"; because: string; silent: boolean };

/** Answer of an optional call: its value, or why there is none. A throttle or a refusal is an answer: not silent. */
export type Answer<T> = { value: T } | { silent: boolean; because: string };

export type AlarmState = { state: string; reason: string };

/** A change of an alarm's state, as EventBridge tells it. */
export type AlarmChange = { alarm: string; region: string; state: string; reason: string; at: string };

/** An event may come late: it stands in for an unanswered read only for twice the minute between two reads. */
export const freshSeconds = 120;

/** An alarm, read as a level; a fresh event stands in when its Region does not answer. */
export const readAlarm = (
  name: string,
  answer: Answer<Record<string, AlarmState>>,
  change: AlarmChange | null,
  now: Date,
): Reading => {
  if ("value" in answer) {
    const found = answer.value[name];
    return found ? ofAlarmState(found) : unclear(`alarm ${name} does not exist`);
  }
  if (change && secondsSince(change.at, now) <= freshSeconds) return ofAlarmState(change);
  return { ...unclear(answer.because), silent: answer.silent };
};

/** A probe: 2xx and 3xx are healthy; every other answer, and none, is unhealthy. A resolver of our own that fails says nothing. */
export const readProbe = (answer: { status: number } | { error: string }): Reading => {
  if ("error" in answer && answer.error === "EAI_AGAIN") return unclear("our own resolver does not answer (EAI_AGAIN)");
  if ("error" in answer) return { state: "unhealthy", because: `no answer (${answer.error})`, silent: false };
  const healthy = answer.status >= 200 && answer.status < 400;
  return { state: healthy ? "healthy" : "unhealthy", because: `HTTP ${answer.status}`, silent: false };
};

/** The API of a Region: silence and 5xx are unhealthy; a throttle or a refusal says nothing of the Region. */
export const readApi = (answer: Answer<unknown>): Reading => {
  if ("value" in answer) return { state: "healthy", because: "the API answers", silent: false };
  if (answer.silent) return { state: "unhealthy", because: answer.because, silent: false };
  return unclear(answer.because);
};

export const secondsSince = (at: string, now: Date) => (now.getTime() - Date.parse(at)) / 1_000;

const unclear = (because: string): Reading => ({ state: "cannot-tell", because, silent: false });

const ofAlarmState = ({ state, reason }: AlarmState): Reading => {
  const because = `${state}: ${reason || "no reason given"}`;
  if (state === "OK") return { state: "healthy", because, silent: false };
  return state === "ALARM" ? { state: "unhealthy", because, silent: false } : unclear(because);
};
