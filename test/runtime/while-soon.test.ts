import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Pass } from "../../functions/core/run/wave-pass.ts";
import { type PassInput, whileSoon } from "../../functions/runtime/wave-pass.ts";
import { aContext } from "../support/context.ts";
import { passInput } from "../support/wave-scene.ts";

beforeEach(() => vi.useFakeTimers({ now: Date.parse("2026-03-02T12:00:00.000Z") }));
afterEach(() => vi.useRealTimers());

it("counts all looks of one invocation as one pass, however many there were: the machine's bound is of passes", async () => {
  let looks = 0;
  const look = async ({ pass }: PassInput): Promise<Pass> => {
    looks += 1;
    return { ...pass!.value, next: looks < 5 ? "Verify" : "JudgeWave", waitSeconds: 1, passes: pass!.value.passes + 1 };
  };

  const asked = whileSoon("Verify", look)(passInput({ passes: 7 }), aContext({ now: () => new Date() }));
  await vi.advanceTimersByTimeAsync(10_000);

  expect(await asked).toMatchObject({ next: "JudgeWave", passes: 8 });
  expect(looks).toBe(5);
});
