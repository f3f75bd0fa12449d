import { expect, test } from "vitest";
import { copyPassesMax } from "../../functions/core/instances/copy/progress.ts";
import { limits } from "../../functions/core/limits.ts";
import { readMachines } from "../../infra/machines.ts";
import { conditionsOf, cycleIn, reach, type Scope, scopes } from "./machine.ts";

const machines = readMachines();
const outer = scopes().filter(({ inMap }) => !inMap);
const wavesMax = 20;

/** Choices that count: their loop ends when a number says so. */
const counting = (scope: Scope) =>
  new Set(
    Object.keys(scope.states).filter((name) =>
      conditionsOf(scope.states[name]!).some((rule) => Object.keys(rule).some((key) => key.startsWith("Numeric"))),
    ),
  );

test.each(scopes())("$path: every loop goes through a Choice that counts", (scope) => {
  expect(cycleIn(scope, counting(scope))).toBeNull();
});

test("a loop without a count is found", () => {
  const loop = { A: { Type: "Wait", Next: "B" }, B: { Type: "Choice", Choices: [], Default: "A" } };
  expect(cycleIn({ machine: "x", path: "x", startAt: "A", states: loop, inMap: false }, new Set())).toEqual([
    "A",
    "B",
    "A",
  ]);
});

/** Choices that count waves; what is counted within one begins anew with the next. */
const waving = (scope: Scope) =>
  new Set(
    [...counting(scope)].filter((name) => conditionsOf(scope.states[name]!).some((rule) => rule.NumericLessThanPath)),
  );

/** How often a state can run at most: the bound of the loop that it is in, or once; in a loop over the waves, for each wave. */
const boundsOf = (scope: Scope) => {
  const bounds = new Map(Object.keys(scope.states).map((name) => [name, 1]));
  const waves = waving(scope);
  // passes are counted over all waves
  const overall = new Set<string>();
  for (const name of [...counting(scope)].filter((one) => !waves.has(one))) {
    const body = [...reach(scope, name, waves)].filter((other) => reach(scope, other, waves).has(name));
    const counts = conditionsOf(scope.states[name]!).map(
      (rule) => rule.NumericGreaterThanEquals ?? rule.NumericLessThan ?? 0,
    );
    if (body.length > 1) for (const inside of body) bounds.set(inside, Math.max(bounds.get(inside)!, ...counts));
    if (counts.includes(limits.wavePasses)) for (const inside of body) overall.add(inside);
  }
  const waved = new Set(
    [...waves].flatMap((name) => [...reach(scope, name)].filter((other) => reach(scope, other).has(name))),
  );
  for (const inside of [...waved].filter((one) => !overall.has(one)))
    bounds.set(inside, bounds.get(inside)! * wavesMax);
  return bounds;
};

/** A plan says how long a person may take: at most so many seconds. */
const longWaits: Record<string, number> = { Ask: 7 * 86_400, WaitForPass: limits.waveWaitSecondsMax };

/** Longest time of one pass through every state as often as its loop allows, waits at their longest, no retries. */
const longestSeconds = (scope: Scope): number => {
  const bounds = boundsOf(scope);
  return Object.entries(scope.states).reduce((sum, [name, state]) => {
    const inner = scopes().filter(({ path }) => path === `${scope.path}.${name}`);
    const waits = state.Type === "Wait" || state.TimeoutSecondsPath;
    const own = waits ? (longWaits[name] ?? limits.pollSecondsMax) : (state.TimeoutSeconds ?? 0);
    return sum + bounds.get(name)! * (own + inner.reduce((most, body) => most + longestSeconds(body), 0));
  }, 0);
};

test.each(outer)("$path may take as long as all its bounds together", (scope) => {
  const { definition } = machines.find(({ name }) => name === scope.machine)!;
  expect(definition.TimeoutSeconds).toBeGreaterThan(longestSeconds(scope));
});

test("a failover's loop over its waves has few events, however many servers there are", () => {
  const scope = outer.find(({ machine }) => machine === "failover")!;
  const { NextPass, WaitForPass } = scope.states;
  const [most, ...looks] = NextPass!.Choices;
  const Next = "JudgeWave";
  expect(most).toEqual({ Variable: "$.pass.value.passes", NumericGreaterThanEquals: limits.wavePasses, Next });
  expect([NextPass!.Default, WaitForPass!.Next]).toEqual(["JudgeWave", "NextPass"]);
  // each look is one task, then the wait, then the choice of the next one
  for (const { Next } of looks) expect(scope.states[Next]).toMatchObject({ Type: "Task", Next: "WaitForPass" });
  expect(limits.wavePasses * look + wavesMax * (task + other)).toBeLessThan(6_000);
});

/** Entered, scheduled, started, succeeded and exited of a task; entered and exited of the others. [SFN: bp-history-limit] */
const [task, other] = [5, 2];
/** A look is a task, a wait, and the choice of what comes next. */
const look = task + 2 * other;

test("every loop of a failover at its bound has fewer than ten thousand events, the rest of the 25,000 is for retries", () => {
  const { states } = outer.find(({ machine }) => machine === "failover")!;
  const boundOf = (name: string, variable: string): number => {
    const rule = conditionsOf(states[name]!).find(
      (one) => one.Variable === `$.${variable}` && (one.NumericGreaterThanEquals ?? one.NumericLessThan),
    )!;
    return rule.NumericGreaterThanEquals ?? rule.NumericLessThan;
  };
  const bounds = {
    passes: boundOf("NextPass", "pass.value.passes"),
    fence: boundOf("Fencing", "fence.value.polls"),
    gate: boundOf("Gated", "gate.value.total"),
    steps: boundOf("Gated", "gate.value.step"),
    traffic: boundOf("TrafficMoved", "traffic.value.polls"),
    unfence: boundOf("Unfenced", "unfence.value.polls"),
  };
  expect([bounds.gate, bounds.traffic]).toEqual([limits.gateLooks, limits.trafficLooks]);
  const onceEach = Object.values(states).reduce((sum, { Type }) => sum + (Type === "Task" ? task : other), 0);
  // JudgeWave, Names, MoveNames, MoreWaves
  const waves = wavesMax * (2 * task + 2 * other);
  const steps = bounds.steps * (task + other);
  // a failed gate, or what comes before it, is undone; a good one goes on to the traffic
  const end = Math.max(bounds.traffic, bounds.unfence) * look;
  const all = onceEach + (bounds.passes + bounds.fence + bounds.gate) * look + waves + steps + end;
  expect(all).toBeLessThan(limits.historyEvents);
});

test("every loop of a replication at its bound, with every pause failed, leaves room for a thousand retries in the 25,000 events", () => {
  const { states } = outer.find(({ machine }) => machine === "replicate")!;
  const most = (name: string) => conditionsOf(states[name]!).find((rule) => rule.NumericGreaterThanEquals)!;
  const [snapshots, copies, catalogs] = ["Snapshotted", "Copied", "Catalogued"].map(
    (name) => most(name).NumericGreaterThanEquals!,
  ) as [number, number, number];
  expect(copyPassesMax).toBeLessThan(copies);
  const onceEach = Object.values(states).reduce((sum, { Type }) => sum + (Type === "Task" ? task : other), 0);
  // Copy, Copied, Pause, and the wait in its place
  const paused = 2 * task + 2 * other;
  const retry = 3;
  const all = onceEach + (snapshots + catalogs) * look + copies * paused;
  expect(all).toBeLessThan(25_000 - 1_000 * retry);
});
