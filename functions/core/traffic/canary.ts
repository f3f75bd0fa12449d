import { isGoodStatus } from "../good-answer.ts";
import type { Plan, Probe, TrafficRecord } from "../model/plan.ts";

/**
 * Seconds between two looks of a gate: ten looks in its time, none more often than that; twenty in an hour, so that nine gates
 * of an hour have fewer than `limits.gateLooks`.
 */
export const gateWaitSeconds = (gateSeconds: number) =>
  gateSeconds === 0 ? 0 : Math.min(180, Math.max(10, Math.ceil(gateSeconds / 10)));

/** Looks of one gate, at most: what cannot be decided by then counts as bad. */
const looksMax = 100;
/** So many bad looks in a row are no hiccup. */
const badInARow = 2;

export type GateLook = { good: boolean; because: string };
export type GateDecision = { action: "watch" | "go-on" | "back"; bad: number; because: string };

/** Judges one more look at the side that users move to. `bad`: bad looks in a row before this one; `looks` counts it. */
export const judgeGate = (
  look: GateLook,
  before: { bad: number; looks: number },
  { elapsedSeconds, gateSeconds }: { elapsedSeconds: number; gateSeconds: number },
): GateDecision => {
  const bad = look.good ? 0 : before.bad + 1;
  if (bad >= badInARow || (!look.good && before.looks >= looksMax))
    return { action: "back", bad, because: `${bad} bad looks in a row: ${look.because}` };
  const { because } = look;
  return look.good && elapsedSeconds >= gateSeconds
    ? { action: "go-on", bad, because: `good for ${Math.round(elapsedSeconds)} s: ${because}` }
    : { action: "watch", bad, because };
};

/** The probes of a plan that a look may use: those of a name that its records move, each URL once. */
export const probesOf = ({ detect }: Plan, records: TrafficRecord[]): Probe[] => {
  const probes = detect.witnesses.filter((witness): witness is Probe => witness.kind === "probe");
  const moved = probes.filter(({ url }) => records.some(({ name }) => name === hostOf(url)));
  return moved.filter((probe, index) => moved.findIndex(({ url }) => url === probe.url) === index);
};

export const hostOf = (url: string) => new URL(url).hostname;

/** What a probe calls a good answer: its statuses (2xx and 3xx), and its text in the body. */
export const isGoodAnswer = (
  { expect, contains }: Pick<Probe, "expect" | "contains">,
  { status, body }: { status: number; body: string },
) => (expect.length ? expect.includes(status) : isGoodStatus(status)) && (contains === null || body.includes(contains));

/**
 * Why traffic must not go back to the source after a bad gate, or null: its servers are fenced and stay so, or it does not
 * answer. A source without servers of the plan (`protects` false) is judged by its own answers instead.
 */
export const noWayBack = (
  fence: { held: boolean; sourceAnswered: boolean },
  { protects, unfences }: { protects: boolean; unfences: boolean },
): string | null => {
  if (!protects) return null;
  if (!fence.sourceAnswered) return "the source does not answer";
  if (fence.held && !unfences) return "its servers are fenced and stay so (recover.onFailure: hold)";
  return null;
};
