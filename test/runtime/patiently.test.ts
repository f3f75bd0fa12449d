import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RefusedError, TransientError } from "../../functions/core/errors.ts";
import type { Context } from "../../functions/runtime/context.ts";
import { patiently } from "../../functions/runtime/patiently.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

/** An act that fails so often, and how it ended: after how many tries and seconds. */
const played = async (error: Error, times: number) => {
  let tries = 0;
  const act = patiently(async () => {
    tries += 1;
    if (tries <= times) throw error;
    return "done";
  });
  const ended = act("event", { now: () => new Date() } as Context).catch(({ name }: Error) => name);
  await vi.advanceTimersByTimeAsync(60_000);
  return [await ended, tries];
};
const throttle = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });

describe("what is done patiently", () => {
  it.each([
    ["a throttle that passes", throttle, 2, "done", 3],
    ["a fault of ours that passes", new TransientError("looked at by others"), 1, "done", 2],
    ["a throttle that stays: at 0, 3, ... 33 s, and the next tick is due", throttle, 99, "ThrottlingException", 12],
    ["a refusal", new RefusedError("no"), 1, "RefusedError", 1],
  ])("is tried again as its fault asks: %s", async (_, error, times, ended, tries) => {
    expect(await played(error, times)).toEqual([ended, tries]);
  });
});
