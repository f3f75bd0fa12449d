import { describe, expect, it, test } from "vitest";
import { agesOf, type ResourceFacts, remainingSeconds } from "../../../../functions/core/instances/copy/projection.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const facts = (over: Partial<ResourceFacts> = {}): ResourceFacts => ({
  left: 100,
  deadline: "2026-03-02T13:00:00.000Z",
  pointAt: ago(3_600),
  openedAt: ago(600),
  roundSeconds: 900,
  ...over,
});
const none = { since: null, copies: 0 };

describe("the time until the open point is complete", () => {
  test.each([
    ["follows the throughput of the run", facts(), [], 0, { since: ago(500), copies: 50 }, 1_000],
    ["counts what is half done", facts(), [], 10, { since: ago(500), copies: 50 }, 900],
    ["is as in the last round while no copy has ended", facts(), [], 0, { since: ago(500), copies: 0 }, 300],
    ["is as in the last round before any copy", facts(), [], 0, none, 300],
    ["is over when the last round would be over", facts({ openedAt: ago(1_000) }), [], 0, none, 0],
    ["is not known in the first round", facts({ roundSeconds: null }), [], 0, none, null],
    ["is not known when none is open", facts({ openedAt: null }), [], 0, none, null],
    [
      "counts what stands before it in the queue, and not what stands behind",
      facts(),
      [facts({ deadline: "2026-03-02T12:30:00.000Z", left: 20 }), facts({ deadline: "2026-03-02T14:00:00.000Z" })],
      0,
      { since: ago(500), copies: 50 },
      1_200,
    ],
  ])("%s", (_, own, others, inFlight, throughput, expected) => {
    expect(remainingSeconds(own, [own, ...others], inFlight, throughput, now)).toBe(expected);
  });
});

describe("the ages", () => {
  it("the ages are those of the newest complete point now, and when the next takes its place", () => {
    expect(agesOf(facts(), 400, now)).toEqual({ ageSeconds: 3_600, projectedSeconds: 4_000 });
    expect(agesOf(facts(), null, now)).toEqual({ ageSeconds: 3_600, projectedSeconds: null });
  });

  it("the ages are not known without a complete point", () => {
    expect(agesOf(facts({ pointAt: null }), 400, now)).toEqual({ ageSeconds: null, projectedSeconds: null });
  });
});
