import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../../functions/core/limits.ts";
import { statesOf } from "./machine.ts";

const patient = statesOf("Task").filter(({ scope }) => ["failover", "close", "answer"].includes(scope.machine));

test.each(patient)("$where is told with each try when its state was entered", ({ state }) => {
  const { "Payload.$": merged, Payload } = state.Parameters;
  expect([merged, Payload?.["EnteredTime.$"]]).toContain(
    Payload ? "$$.State.EnteredTime" : "States.JsonMerge($, $$.State, false)",
  );
});

type Retrier = { ErrorEquals: string[]; IntervalSeconds: number; MaxAttempts: number; MaxDelaySeconds: number };
/** How a try ends, how long it took, and where between nothing and its length the jitter puts the pause after it. */
type Try = { error: string; seconds: number; jitter: number };

/** Seconds until a state is left that meets nothing but these tries, over and over. */
const lastsFor = (retriers: Retrier[], tries: Try[]) => {
  const used = new Map<Retrier, number>();
  let at = 0;
  for (let turn = 0; ; turn++) {
    const { error, seconds, jitter } = tries[turn % tries.length]!;
    at += seconds;
    // what the step itself says of a passing fault is judged by its clock
    if (error === "TransientError" && at >= limits.passingSeconds) return at;
    const retrier = retriers.find(({ ErrorEquals }) => ErrorEquals.includes(error));
    const count = retrier ? (used.get(retrier) ?? 0) : 0;
    if (!retrier || count >= retrier.MaxAttempts) return at;
    used.set(retrier, count + 1);
    at += jitter * Math.min(retrier.IntervalSeconds * 2 ** count, retrier.MaxDelaySeconds);
  }
};

const triesOf = (error: string, secondsMax: number) =>
  fc.record({
    error: fc.constant(error),
    seconds: fc.integer({ min: 0, max: secondsMax }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });

test.each(patient)(
  "$where ends a quarter of an hour of passing faults with the try that meets its end",
  ({ state }) => {
    fc.assert(
      fc.property(
        fc.array(triesOf("TransientError", limits.functionSeconds), { minLength: 1, maxLength: 20 }),
        (tries) => {
          const pause = state.Retry[0].MaxDelaySeconds;
          expect(lastsFor(state.Retry, tries)).toBeLessThanOrEqual(
            limits.passingSeconds + limits.functionSeconds + pause,
          );
        },
      ),
    );
  },
);

/** Nobody but a count ends these: it has to hold for deaths that come at once, and for those that take a minute each. */
const deathSeconds = [7 * 60, 27 * 60] as const;

test.each(patient)("$where gives up a function that dies each time, soon or late", ({ state }) => {
  const { TimeoutSeconds = limits.functionSeconds } = state;
  for (const error of ["States.Timeout", "Sandbox.Timedout", "Runtime.ExitError"])
    if (state.Retry.some(({ ErrorEquals }: Retrier) => ErrorEquals.includes(error))) {
      expect(lastsFor(state.Retry, [{ error, seconds: 0, jitter: 0.5 }])).toBeGreaterThan(deathSeconds[0]);
      expect(lastsFor(state.Retry, [{ error, seconds: TimeoutSeconds, jitter: 0.5 }])).toBeLessThan(deathSeconds[1]);
    }
});
