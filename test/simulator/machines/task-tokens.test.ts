import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { inVirtualTime } from "../../../simulator/clock.ts";
import type { Lambda } from "../../../simulator/machines/lambda.ts";
import { interpret } from "../../../simulator/machines/runner.ts";
import { createTaskTokens } from "../../../simulator/machines/task-tokens.ts";

const wait = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
const pause = (over: object = {}) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  Parameters: { FunctionName: "arn", Payload: { "token.$": "$$.Task.Token", "input.$": "$" } },
  ResultPath: "$.given",
  TimeoutSecondsPath: "$.waitSeconds",
  Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.caught", Next: "Caught" }],
  End: true,
  ...over,
});

type Tokens = ReturnType<typeof createTaskTokens>;
/** One state Pause; `told` is what its function was given, each time. */
const play = (
  state: object,
  story: (tokens: Tokens, told: { token: string }[]) => Promise<unknown>,
  fail: Error | null = null,
) => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-asl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = pathToFileURL(join(folder, "machine.asl.json"));
  writeFileSync(
    file,
    JSON.stringify({ StartAt: "Pause", States: { Pause: state, Caught: { Type: "Pass", End: true } } }),
  );
  const tokens = createTaskTokens();
  const told: { token: string }[] = [];
  const lambda: Pick<Lambda, "invoke"> = {
    async invoke(_name, payload) {
      told.push(payload as { token: string });
      await wait(1);
      if (fail) throw fail;
      return { ignored: true };
    },
  };
  return inVirtualTime({ start: new Date(0), random: () => 0.5 }, async () => {
    const heard = { invoking: () => undefined, invoked: () => undefined };
    const running = interpret(file, { waitSeconds: 20 }, { id: "arn:run", name: "run" }, lambda, heard, tokens);
    const aside = story(tokens, told).catch((error: Error) => error.name);
    const output = await running.result;
    return { output, at: Date.now() / 1_000, aside: await aside };
  });
};

describe("a task that waits for its token", () => {
  it("a task that waits for its token goes on with the output that comes with the token, not with what its function returned", async () => {
    const { output, at } = await play(pause(), async (tokens, told) => {
      await wait(7);
      tokens.succeed(told[0]?.token, { woken: true });
    });
    expect({ output, at }).toEqual({ output: { waitSeconds: 20, given: { woken: true } }, at: 7 });
  });

  it("a task that waits for its token goes on when the token comes back before the function has ended", async () => {
    const { at } = await play(pause(), async (tokens, told) => {
      await wait(0.5);
      tokens.succeed(told[0]?.token, {});
    });
    expect(at).toBe(0.5);
  });

  it("fails with the error that comes with the token", async () => {
    const { output } = await play(pause(), async (tokens, told) => {
      await wait(3);
      tokens.fail(told[0]?.token, "Broken", "because");
    });
    expect(output).toEqual({ waitSeconds: 20, caught: { Error: "Broken", Cause: "because" } });
  });

  it("fails at once when its function does", async () => {
    const failure = Object.assign(new Error("exited"), { name: "Lambda.Unknown" });
    const { output, at } = await play(pause(), async () => undefined, failure);
    expect({ output, at }).toEqual({
      output: { waitSeconds: 20, caught: { Error: "Lambda.Unknown", Cause: "exited" } },
      at: 1,
    });
  });

  it("fails with States.Timeout after the seconds of its input, and its token is worth nothing then", async () => {
    const { output, at, aside } = await play(pause(), async (tokens, told) => {
      await wait(20);
      tokens.succeed(told[0]?.token, {});
    });
    expect(output).toMatchObject({ caught: { Error: "States.Timeout" } });
    expect({ at, aside }).toEqual({ at: 20, aside: "TaskTimedOut" });
  });

  it("may have a fixed timeout instead", async () => {
    const { at } = await play(pause({ TimeoutSecondsPath: undefined, TimeoutSeconds: 9 }), async () => undefined);
    expect(at).toBe(9);
  });

  it("a task that waits for its token has a new token on each try", async () => {
    const Retry = [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const { aside } = await play(pause({ Retry }), async (_tokens, told) => {
      await wait(30);
      return new Set(told.map(({ token }) => token)).size;
    });
    expect(aside).toBe(2);
  });
});

describe("a token", () => {
  const refusal = (what: () => unknown) => {
    try {
      return what();
    } catch (error) {
      return (error as Error).name;
    }
  };

  it("a token is refused when it is none, was never given, has been used, or its execution has ended", () => {
    const tokens = createTaskTokens();
    const [used, left] = [tokens.issue("arn:a"), tokens.issue("arn:a")];
    void tokens.wait(used);
    void tokens.wait(left);
    tokens.succeed(used, {});
    tokens.forget("arn:a");
    const found = ["nonsense", "arn:b#task-1", used, left].map((token) => refusal(() => tokens.succeed(token, {})));
    expect(found).toEqual(["InvalidToken", "TaskDoesNotExist", "TaskTimedOut", "TaskTimedOut"]);
  });
});
