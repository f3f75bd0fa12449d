import { describe, expect, it, test } from "vitest";
import { isFrozen, readinessOf, thawed } from "../../../../functions/core/instances/capture/consistency.ts";
import type { Consistency } from "../../../../functions/core/model/recovery-point.ts";
import { anUntaken, aTaken } from "../../../support/replication.ts";

const asked = (over: Partial<Consistency> = {}): Consistency => ({
  state: "asked",
  command: "c-1",
  askedAt: "2026-03-02T12:00:00.000Z",
  because: null,
  ...over,
});
const at = (seconds: number) => new Date(Date.parse("2026-03-02T12:00:00.000Z") + seconds * 1_000);
const succeeded = { state: "succeeded", because: "" } as const;
const pending = { state: "pending", because: "" } as const;

describe("readinessOf", () => {
  test.each([
    ["not asked yet", undefined, undefined, 0, { action: "ask" }],
    ["not visible yet", asked(), undefined, 5, { action: "wait" }],
    ["at work", asked(), pending, 60, { action: "wait" }],
    ["succeeded", asked(), succeeded, 5, { action: "take", consistency: asked({ state: "frozen" }) }],
    [
      "failed",
      asked(),
      { state: "failed", because: "no" },
      5,
      { action: "take", consistency: asked({ because: "no" }) },
    ],
    [
      "late",
      asked(),
      pending,
      61,
      { action: "take", consistency: asked({ because: "not snapshotted within 60 s of the command" }) },
    ],
    [
      "succeeded, but forgotten",
      asked(),
      succeeded,
      61,
      { action: "take", consistency: asked({ because: "not snapshotted within 60 s of the command" }) },
    ],
    [
      "asked by a call that may not have come",
      asked({ command: null }),
      undefined,
      1,
      { action: "take", consistency: asked({ command: null, because: "the reply to its command was lost" }) },
    ],
    [
      "known to have failed",
      asked({ because: "no" }),
      undefined,
      1,
      { action: "take", consistency: asked({ because: "no" }) },
    ],
    [
      "out of reach",
      asked({ state: "crash" }),
      undefined,
      1,
      { action: "take", consistency: asked({ state: "crash" }) },
    ],
  ] as const)("%s", (_, consistency, result, seconds, expected) => {
    const manifest = { ...anUntaken(), ...(consistency && { consistency }) };
    expect(readinessOf(manifest, result, 60, at(seconds))).toEqual(expected);
  });
});

test("a server is frozen from the moment that it may have been asked until it was let go", () => {
  expect(isFrozen(anUntaken())).toBe(false);
  expect(isFrozen(anUntaken({ consistency: asked() }))).toBe(true);
  expect(isFrozen(anUntaken({ consistency: asked({ state: "frozen" }) }))).toBe(true);
  expect(isFrozen(anUntaken({ consistency: asked({ state: "thawed" }) }))).toBe(false);
});

describe("thawed", () => {
  it("tells what the snapshots are", () => {
    expect(thawed(aTaken({ consistency: asked({ state: "frozen" }) })).consistency?.state).toBe("thawed");
    expect(thawed(aTaken({ consistency: asked({ because: "late" }) })).consistency).toMatchObject({
      state: "crash",
      because: "late",
    });
  });

  it("forgets what was asked of a server whose snapshots were not taken: it is asked again", () => {
    expect(thawed(anUntaken({ consistency: asked({ state: "frozen" }) })).consistency).toBeUndefined();
    expect(thawed(aTaken()).consistency).toBeUndefined();
  });
});
