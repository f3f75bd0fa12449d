import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Call } from "../../functions/aws/calls/clients.ts";
import { createOutput } from "../../terminal/output.ts";
import { breakingSilence } from "../../terminal/silence.ts";
import { oldestWait, waitingFor, waitingForAnswer, watchCalls } from "../../terminal/waiting.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const aTerminal = () => {
  const [out, error]: [string[], string[]] = [[], []];
  const stream = (lines: string[]) => ({ isTTY: false, write: (text: string) => lines.push(text) > 0 }) as never;
  return { out, error, ...breakingSilence(createOutput(stream(out), stream(error)), oldestWait) };
};
const call = { service: "DynamoDB", operation: "GetItem", region: "eu-central-1" } as Call;

test("after five seconds a line says what is waited for, then after twice as long each time, on standard error", async () => {
  const { out, error, end } = aTerminal();
  const answer = watchCalls(
    call,
    () => new Promise((resolve) => setTimeout(resolve, 25_000, { output: {}, response: {} })),
  );
  await vi.advanceTimersByTimeAsync(4_900);
  expect(error).toEqual([]);
  await vi.advanceTimersByTimeAsync(20_100);
  await answer;
  expect(error).toEqual([5, 10, 20].map((seconds) => `waiting for DynamoDB GetItem in eu-central-1 (${seconds}s)\n`));
  expect(out).toEqual([]);
  end();
});

test("whatever is written ends a silence", async () => {
  const { error, output, end } = aTerminal();
  for (let second = 0; second < 30; second += 4) {
    await vi.advanceTimersByTimeAsync(4_000);
    output.out("news");
  }
  expect(error).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(error).toEqual(["still working (5s)\n"]);
  end();
});

test("a person who thinks about an answer is not hurried", async () => {
  const { error, end } = aTerminal();
  const asked = waitingForAnswer(() => new Promise((resolve) => setTimeout(resolve, 60_000, "y")));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await asked).toBe("y");
  expect(error).toEqual([]);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(error).toEqual(["still working (5s)\n"]);
  end();
});

test("what has ended, well or badly, is waited for no longer", async () => {
  const broken = waitingFor("one", () => Promise.reject(new Error("no")));
  expect(oldestWait()).toBe("one");
  await expect(broken).rejects.toThrow("no");
  expect(oldestWait()).toBeNull();
});
