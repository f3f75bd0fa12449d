import { expect, test } from "vitest";
import { evaluate, handled } from "../../functions/core/detect/evaluate.ts";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import type { Answers } from "../../functions/core/detect/read-witness.ts";
import type { SensorReport } from "../../functions/core/detect/sensor-report.ts";
import type { AlarmChange } from "../../functions/core/detect/witness.ts";
import { noControls } from "../../functions/core/model/operator-controls.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Row } from "../../functions/core/model/row.ts";
import { createRandom, type Random } from "../../simulator/random.ts";
import { aPlan, aRow } from "../support/builders.ts";

/**
 * 10,000 seeded incidents on the pure core: the looks of detect, one a minute and one more at each event, over witnesses
 * that fail, fall silent, flap and say nothing, while people pause, acknowledge and maintain, and runs succeed and fail.
 */
const sequences = 10_000;
const start = Date.parse("2026-03-02T12:00:00.000Z");
const iso = (second: number) => new Date(start + second * 1_000).toISOString();

type State = "healthy" | "unhealthy" | "cannot-tell" | "silent";
type States = Record<(typeof names)[number], State>;
const names = ["errors", "canary", "region", "quiet"] as const;
const isRegional = (name: string) => name === "region" || name === "quiet";
const blockSeconds = 480;
const lateSeconds = 150;

const planOf = (random: Random): Plan => {
  const base = aPlan();
  const unhealthy = random.pick([2, 2, 3]);
  const detect: Plan["detect"] = {
    ...base.detect,
    armAfterHealthySeconds: 120,
    blockSeconds,
    action: random.pick(["automatic", "automatic", "approve", "notify"] as const),
    witnesses: [
      { name: "errors", kind: "alarm", alarm: "errors", region: "eu-west-1" },
      base.detect.witnesses[0]!,
      { name: "region", kind: "api", region: "eu-west-1" },
      { name: "quiet", kind: "silence", region: "eu-west-1", afterSeconds: 90 },
    ],
    verdict: { unhealthy, regional: 1, sustainedSeconds: random.pick([60, 120]) },
  };
  return { ...base, detect };
};

const calm: States = { errors: "healthy", canary: "healthy", region: "healthy", quiet: "healthy" };
const dark: States = { errors: "silent", canary: "unhealthy", region: "unhealthy", quiet: "unhealthy" };
const badRelease: States = { ...calm, errors: "unhealthy", canary: "unhealthy" };

/** What the witnesses are made to see, in stretches of some minutes: calm, a dark Region, a bad release, or anything. */
const storyOf = (random: Random, minutes: number): States[] => {
  const story: States[] = [];
  while (story.length < minutes) {
    const any: States = {
      errors: random.pick(["healthy", "unhealthy", "cannot-tell", "silent"]),
      canary: random.pick(["healthy", "unhealthy", "cannot-tell"]),
      region: random.pick(["healthy", "unhealthy", "cannot-tell"]),
      quiet: random.pick(["healthy", "unhealthy"]),
    };
    const begins = story.length < 3 && random.chance(0.8);
    const states = begins ? calm : random.pick([calm, dark, { ...dark, errors: "unhealthy" }, badRelease, any, any]);
    const length = begins ? 4 : random.pick([1, 2, 3, 5, 7]);
    for (let minute = 0; minute < length; minute++) story.push(states as States);
  }
  return story;
};

const answersOf = ({ errors, canary, region }: States): Answers => {
  const none = (silent: boolean) => ({ silent, because: silent ? "TimeoutError" : "AccessDenied" });
  const state = errors === "healthy" ? "OK" : errors === "unhealthy" ? "ALARM" : "INSUFFICIENT_DATA";
  return {
    alarms: { "eu-west-1": errors === "silent" ? none(true) : { value: { errors: { state, reason: "" } } } },
    apis: { "eu-west-1": region === "healthy" ? { value: [] } : none(region === "unhealthy") },
    probes: {
      canary:
        canary === "cannot-tell" ? { error: "EAI_AGAIN" } : { status: canary === "healthy" ? 200 : 503, body: "" },
    },
    texts: {},
  };
};

/** Plays one sequence, and holds every invariant while it goes; gives the actions that were taken. */
const play = (seed: number): string[] => {
  const random = createRandom(seed, "incidents");
  const plan = planOf(random);
  const { unhealthy: needed, sustainedSeconds } = plan.detect.verdict;
  const story = storyOf(random, 14 + Math.floor(random.next() * 10));
  const actions: string[] = [];
  const incidents = new Set<string>();
  let row: Row = aRow();
  let runUntil = 0;
  let evidence: Evidence | null = null;
  let controls = noControls;
  let maintenance: { cron: string; until: string } | null = null;
  let sensors: SensorReport[] = [];

  const isBlocked = (second: number) =>
    row.lastRun !== null &&
    controls.acknowledged?.run !== row.lastRun.name &&
    start + second * 1_000 - Date.parse(row.lastRun.endedAt) < blockSeconds * 1_000;
  const hold = (invariant: string, holds: boolean, second: number) => {
    if (!holds)
      throw new Error(`seed ${seed}, second ${second}: ${invariant}; ${JSON.stringify({ row, controls, evidence })}`);
  };

  const look = (second: number, states: States, change: AlarmChange | null) => {
    const now = new Date(start + second * 1_000);
    const asked = new Date(now.getTime() - Math.floor(random.next() * 3_000));
    const before = evidence;
    const seen = evaluate({
      plan,
      row,
      before,
      controls,
      maintenance,
      sensors,
      storm: [],
      answers: answersOf(states),
      change,
      issue: null,
      asked,
      now,
    });
    evidence = seen.evidence;
    const { votes, verdict, incident, armedAt } = evidence;
    hold(
      "a vote is what was seen",
      votes.canary?.state === states.canary && votes.region?.state === states.region,
      second,
    );
    const isGreenHeld = change === null && states.errors === "silent" && votes.errors?.state === "healthy";
    hold("green is never held", !isGreenHeld, second);
    const { action } = seen.decision;
    if (action === "none" || action === "hold") return;

    const red = names.filter((name) => votes[name]?.state === "unhealthy");
    hold("acts only against the Region", verdict.code === "RegionUnhealthy", second);
    hold("acts only with a quorum", red.length >= needed && red.some(isRegional), second);
    hold("acts only once sustained", Date.parse(verdict.since) + sustainedSeconds * 1_000 <= now.getTime(), second);
    hold("never two runs at once", row.run === null, second);
    hold("only what is protected, in its primary", row.phase === "protected" && row.active === "eu-west-1", second);
    hold("not while a person holds it", controls.paused === null && maintenance === null, second);
    hold("not while blocked, nor before it was armed", !isBlocked(second) && armedAt !== null, second);
    hold("an incident once", incident !== null && incident.answeredAt === null && !incidents.has(incident.id), second);
    actions.push(action);
    incidents.add(incident!.id);
    evidence = handled(evidence, incident!.id, iso(second), "act")!;
    if (action === "notify") return;
    const lease = { id: `arn:${incident!.id}`, name: incident!.id, machine: "failover", acquiredAt: iso(second) };
    row = { ...row, phase: "running", run: { ...lease, phaseBefore: row.phase, points: {} } };
    runUntil = second + 120 + Math.floor(random.next() * 300);
  };

  /** What happens beside the witnesses: runs end, the application is brought back, people say something, sensors report. */
  const goOn = (second: number, { quiet }: States) => {
    if (row.run && second >= runUntil) {
      const lastRun = { id: row.run.id, name: row.run.name, outcome: "", endedAt: iso(second - 1) };
      const moved: Partial<Row> = random.chance(0.3)
        ? { active: "eu-central-1", phase: "failedOver" }
        : { phase: "protected" };
      row = { ...row, ...moved, run: null, lastRun };
    } else if (row.phase === "failedOver" && random.chance(0.1))
      row = { ...row, active: "eu-west-1", phase: "protected" };
    const said = { at: iso(second), by: "ana" };
    if (random.chance(0.04)) controls = { ...controls, paused: controls.paused ? null : { ...said, reason: null } };
    if (random.chance(0.1) && row.lastRun) controls = { ...controls, acknowledged: { run: row.lastRun.name, ...said } };
    if (random.chance(0.02)) maintenance = maintenance ? null : { cron: "x", until: iso(second + 600) };
    if (quiet === "healthy") sensors = [{ region: "eu-west-1", at: iso(second - 5), probes: {} }];
  };

  let dueFrom: number | null = null;
  const streaks = { errors: 0, canary: 0, region: 0, quiet: 0 };
  for (let minute = 0; minute < story.length; minute++) {
    const second = minute * 60;
    const states = story[minute]!;
    for (const name of names) streaks[name] = states[name] === "unhealthy" ? streaks[name] + 1 : 0;
    goOn(second, states);
    if (random.chance(0.02)) {
      dueFrom = null; // a look that was missed
      continue;
    }
    look(second, states, null);
    if (random.chance(0.25)) {
      // late, of the past or of the future, and true or not: it makes detect look, and changes nothing wrongly
      const at = iso(second + 5 - Math.floor(random.next() * 240) + (random.chance(0.1) ? 3_600 : 0));
      const change = { alarm: "errors", region: "eu-west-1", state: random.pick(["ALARM", "OK"]), reason: "", at };
      look(second + 6, states, change);
      if (random.chance(0.3)) look(second + 7, states, change);
    }

    const { votes, armedAt, incident } = evidence!;
    const red = names.filter((name) => votes[name]?.state === "unhealthy" && streaks[name] > 0);
    const isFree = row.run === null && row.phase === "protected" && row.active === "eu-west-1" && armedAt !== null;
    const isHeld =
      controls.paused !== null || maintenance !== null || isBlocked(second) || incident?.answeredAt != null;
    if (red.length < needed || !red.some(isRegional) || !isFree || isHeld) dueFrom = null;
    else dueFrom ??= second;
    if (dueFrom === null) continue;
    const seconds = second - dueFrom;
    const steady = red.filter((name) => streaks[name] * 60 > seconds);
    const isSeen = steady.length >= needed && steady.some(isRegional);
    hold("an outage that is seen is acted on", !isSeen || seconds < sustainedSeconds + lateSeconds, second);
  }
  return actions;
};

test("10,000 incidents: never on doubt, never two at once, never against a hold, and no readable outage is left", () => {
  const counts: Record<string, number> = { act: 0, ask: 0, notify: 0, nothing: 0 };
  for (let seed = 1; seed <= sequences; seed++) {
    const actions = play(seed);
    for (const action of actions.length ? actions : ["nothing"]) counts[action]! += 1;
  }
  // the sequences are worth something: much was done in each way, and much was left alone
  for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(500);
});
