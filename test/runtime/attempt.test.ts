import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { attempt } from "../../functions/runtime/attempt.ts";
import { aContext } from "../support/context.ts";

const fail = (name: string) => Promise.reject(Object.assign(new Error("why"), { name }));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("attempt", () => {
  it("gives the value of a call", async () => {
    const expected = { value: 7, answered: true, refused: false, code: null };
    expect(await attempt(aContext(), "stop", Promise.resolve(7))).toEqual(expected);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["TimeoutError", false, false],
    ["Throttling", true, false],
    ["UnauthorizedOperation", true, true],
  ])("turns %s into a value: answered %s, refused %s, and logs it", async (name, answered, refused) => {
    const context = aContext();

    expect(await attempt(context, "stop", fail(name))).toEqual({ value: null, answered, refused, code: name });

    expect(context.told.logs).toEqual([`the source: stop {"code":"${name}","because":"why"}`]);
  });

  it("does not wait longer than 10 s for all calls together", async () => {
    const waiting = attempt(aContext(), "stop", new Promise(() => {}));

    await vi.advanceTimersByTimeAsync(10_000);

    expect(await waiting).toEqual({ value: null, answered: false, refused: false, code: "TimeoutError" });
  });
});
