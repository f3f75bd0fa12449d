import type { Random } from "../../simulator/random.ts";
import type { Scenario } from "../../simulator/scenario/schema.ts";

type Drawn = Record<string, unknown> & { at: number; for: number; fault: string };
/** Seconds from the start of the story. */
export type Span = { from: number; until: number; because: string };
export type Shape = {
  days: number;
  everySeconds: number;
  rpoSeconds: number;
  /** Volumes of all resources, with room for those that are added. */
  volumes: number;
  /** After two hours no event arrives: polls alone must do, and a story is played faster. */
  deaf: boolean;
  /** A server goes by an image: all its copies are asked for in one call. */
  images: boolean;
};

/** Slots that are used of the quota, and what is usual of AWS (simulator/durations.ts), seconds. */
const slots = 18;
const snapshotSecondsMax = 360;
const copySecondsMean = 240;
const copySecondsMax = 360;
/** Volumes of a server, with those that are added. */
const serverVolumesMax = 6;
/** Passes, waits and retries of a round, beside its snapshots and copies. */
const overheadSeconds = 1_800;

/** What goes wrong in the weeks of one seed: each kind at most twice, most of them while a round is on. */
export const drawFaults = (random: Random, shape: Shape): Drawn[] => {
  const { days, everySeconds, deaf } = shape;
  const rounds = Math.floor((days * 86_400) / everySeconds);
  /** Mostly about when a round begins; the first round is left alone. */
  const moment = () =>
    random.chance(0.7)
      ? (1 + Math.floor(random.between(0, rounds - 1))) * everySeconds + random.between(-300, 1_200)
      : random.between(everySeconds, days * 86_400);
  const hours = (low: number, high: number) => Math.round(random.between(low, high) * 3_600);
  const draw = (make: () => Omit<Drawn, "at">): Drawn[] =>
    Array.from({ length: Math.floor(random.between(0, 3)) }, () => ({ at: Math.round(moment()), ...make() }) as Drawn);

  const drawn = [
    ...draw(() => ({ for: hours(1, 24), fault: "throttle", operation: "*", rate: random.between(0.02, 0.12) })),
    ...draw(() => ({ for: hours(1, 24), fault: "lost-response", operation: "*", rate: random.between(0.005, 0.02) })),
    ...draw(() => ({ for: hours(1, 12), fault: "api-error", operation: "EC2.*", error: "InternalError", rate: 0.03 })),
    ...draw(() => ({ for: hours(1, 24), fault: "slow-copy", factor: random.between(1.2, 6) })),
    ...draw(() => ({ for: hours(1, 24), fault: "copy-quota", limit: Math.round(random.between(2, 16)) })),
    ...draw(() => ({ for: hours(1, 4), fault: "copy-error", rate: random.between(0.05, 0.4) })),
    ...draw(() => ({ for: hours(1, 4), fault: "snapshot-error", rate: random.between(0.05, 0.4) })),
    ...draw(() => ({ for: hours(12, 48), fault: "volume-deleted", count: 1 })),
    ...draw(() => ({ for: hours(1, 2), fault: random.pick(["key-disabled", "key-denied"]), region: "eu-central-1" })),
    ...draw(() => ({ for: hours(12, 240), fault: "alias-moved", region: "eu-central-1" })),
    ...draw(() => ({ for: hours(1, 24), fault: "token-buckets", share: random.between(0.2, 1) })),
    ...draw(() => ({ for: 3_600, fault: "region-down", region: "eu-west-1" })),
    ...draw(() => ({ for: hours(1, 24), fault: "duplicate-events" })),
    ...draw(() => ({ for: hours(1, 24), fault: "late-events", by: Math.round(random.between(60, 7_200)) })),
    ...draw(() => ({ for: hours(1, 24), fault: "lost-events", rate: random.between(0.3, 1) })),
    ...crashesOf(random, moment),
    ...(deaf ? [{ at: 7_200, for: days * 86_400, fault: "lost-events", rate: 1 }] : []),
  ];
  // the end of the story is undisturbed
  return drawn.map((fault) => ({ ...fault, for: Math.max(1, Math.min(fault.for, days * 86_400 - fault.at)) }));
};

const steps = ["LoadPlan", "AcquireLease", "Snapshot", "Copy", "Pause", "Catalog", "Rotate", "Report", "Release"];

/** A container dies before or after a mutating call of a step that comes next. */
const crashesOf = (random: Random, moment: () => number): Drawn[] =>
  Array.from({ length: Math.floor(random.between(0, 7)) }, () => ({
    at: Math.round(moment()),
    fault: crash,
    step: random.pick(steps),
    nth: 1 + Math.floor(random.between(0, 12)),
    when: random.pick(["before", "after"]),
    // so many that no retry of the machine is left, now and then
    ...random.pick([once, once, once, { for: 86_400, count: 8 }]),
  }));
const once = { for: 10 * 86_400, count: 1 };

/** As a scenario's faults: their schema has no defaults left. */
export const toScenario = (faults: Drawn[], world: Scenario["world"]): Scenario => ({
  name: "fleet",
  world,
  until: 1,
  detect: "off",
  operations: [],
  events: [],
  applications: [],
  faults: faults as unknown as Scenario["faults"],
});

const crash = "lambda-crash";
const hindering = ["region-down", "copy-error", "snapshot-error", "key-disabled", "key-denied"];

/** Spans in which slots, bandwidth or the source do not allow what the plan asks, by what AWS takes and nothing else. */
export const impossibleSpans = (faults: Drawn[], { everySeconds, rpoSeconds, volumes, images }: Shape): Span[] => {
  const edges = [...new Set(faults.flatMap(({ at, for: seconds }) => [at, at + seconds]))].sort((a, b) => a - b);
  return edges.slice(0, -1).flatMap((from, index) => {
    const on = faults.filter(({ at, for: seconds }) => at <= from && from < at + seconds);
    const breaks = on.find(({ fault, count }) => hindering.includes(fault) || (fault === crash && count !== 1));
    const factor = on.reduce((product, one) => product * (one.fault === "slow-copy" ? Number(one.factor) : 1), 1);
    const usable = Math.min(slots, ...on.map(({ fault, limit }) => (fault === "copy-quota" ? Number(limit) : slots)));
    const full = (volumes / usable) * copySecondsMean * factor + copySecondsMax * factor;
    const narrow = images && usable < serverVolumesMax && "slots for fewer volumes than an image may have";
    const needs = everySeconds + snapshotSecondsMax + overheadSeconds + full;
    const because = breaks?.fault ?? (narrow || `a round takes ${Math.round(needs)} s`);
    return breaks || narrow || needs > rpoSeconds ? [{ from, until: edges[index + 1]!, because }] : [];
  });
};
