import { isGoodStatus } from "../good-answer.ts";
import type { Plan, Probe, TrafficRecord } from "../model/plan.ts";

/**
 * Seconds between two polls of a canary: ten polls in its time, at least 10 s apart; twenty in an hour, so that nine canaries
 * of an hour have fewer than `limits.gateLooks`.
 */
export const canaryWaitSeconds = (gateSeconds: number) =>
  gateSeconds === 0 ? 0 : Math.min(180, Math.max(10, Math.ceil(gateSeconds / 10)));

/** Polls of one canary, at most: what cannot be decided by then counts as failed. */
const pollsMax = 100;
/** One failure may be a passing fault; this many in a row are not. */
const consecutiveFailuresMax = 2;

export type CanaryObservation = { good: boolean; because: string };
export type CanaryDecision = { action: "watch" | "go-on" | "back"; bad: number; because: string };

/** Judges one more poll of the side that users move to. `bad`: consecutive failures before this one; `looks` counts it. */
export const judgeCanary = (
  poll: CanaryObservation,
  before: { bad: number; looks: number },
  { elapsedSeconds, gateSeconds }: { elapsedSeconds: number; gateSeconds: number },
): CanaryDecision => {
  const bad = poll.good ? 0 : before.bad + 1;
  if (bad >= consecutiveFailuresMax || (!poll.good && before.looks >= pollsMax))
    return { action: "back", bad, because: `${bad} consecutive failures: ${poll.because}` };
  const { because } = poll;
  return poll.good && elapsedSeconds >= gateSeconds
    ? { action: "go-on", bad, because: `good for ${Math.round(elapsedSeconds)} s: ${because}` }
    : { action: "watch", bad, because };
};

/** The probes of a plan that a poll may use: those of a name that its records move, each URL once. */
export const probesOf = ({ detect }: Plan, records: TrafficRecord[]): Probe[] => {
  const probes = detect.witnesses.filter((witness): witness is Probe => witness.kind === "probe");
  const moved = probes.filter(({ url }) => records.some(({ name }) => name === hostOf(url)));
  return moved.filter((probe, index) => moved.findIndex(({ url }) => url === probe.url) === index);
};

export const hostOf = (url: string) => new URL(url).hostname;

/** A good answer of a probe: its statuses (2xx and 3xx), and its text in the body. */
export const isGoodAnswer = (
  { expect, contains }: Pick<Probe, "expect" | "contains">,
  { status, body }: { status: number; body: string },
) => (expect.length ? expect.includes(status) : isGoodStatus(status)) && (contains === null || body.includes(contains));

/**
 * Why traffic must not go back to the source after a failed canary, or null: its servers are fenced and stay so, or it does not
 * answer. A source without servers of the plan (`protects` false) is judged by its own answers instead.
 */
export const cannotRollBack = (
  fence: { isFenced: boolean; sourceAnswered: boolean },
  { protects, unfences }: { protects: boolean; unfences: boolean },
): string | null => {
  if (!protects) return null;
  if (!fence.sourceAnswered) return "the source is unreachable";
  if (fence.isFenced && !unfences) return "its servers stay fenced (recover.onFailure: hold)";
  return null;
};
