import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openPass } from "../../functions/core/run/wave-pass.ts";
import type { Context } from "../../functions/runtime/context.ts";
import { whileSoon } from "../../functions/runtime/wave-pass.ts";
import { at, passInput } from "../support/wave-scene.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: at(0) });
});
afterEach(() => {
  vi.useRealTimers();
});

it("an invocation that looks each second tells every look when it began, and counts as one pass", async () => {
  const begun: Date[] = [];
  const look = whileSoon("Verify", async ({ pass }, _, begunAt) => {
    begun.push(begunAt);
    const before = pass?.value ?? openPass(null, 0, at(0));
    return { ...before, passes: before.passes + 1, next: begun.length < 5 ? "Verify" : "JudgeWave", waitSeconds: 1 };
  });
  const ended = look(passInput({ passes: 7 }), { now: () => new Date() } as Context);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await ended).toMatchObject({ next: "JudgeWave", passes: 8 });
  expect(begun).toEqual(Array(5).fill(at(0)));
});
