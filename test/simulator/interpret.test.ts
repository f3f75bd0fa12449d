import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { inVirtualTime } from "../../simulator/clock.ts";
import type { Invocation, Lambda } from "../../simulator/machines/lambda.ts";
import { interpret } from "../../simulator/machines/runner.ts";

const task = (payload: object, over: object = {}) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "arn", ...payload },
  ResultSelector: { "value.$": "$.Payload" },
  ...over,
});
const machine = (States: object, StartAt: string) => ({ StartAt, States });

/** Interprets a machine whose tasks `invoke` answers. */
const play = (definition: object, invoke: Lambda["invoke"], input: unknown = {}) => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-asl-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = pathToFileURL(join(folder, "machine.asl.json"));
  writeFileSync(file, JSON.stringify(definition));
  const heard: string[] = [];
  const invocations: Invocation[] = [];
  const lambda: Pick<Lambda, "invoke"> = { invoke };
  return inVirtualTime({ start: new Date(0), random: () => 0.5 }, async () => {
    const execution = interpret(file, input, { id: "arn:execution", name: "run-1" }, lambda, {
      invoking: (state) => heard.push(`${state} begins`),
      invoked: (invocation) => {
        heard.push(`${invocation.state} ${invocation.outcome}`);
        invocations.push(invocation);
      },
    });
    const output = await execution.result.catch((error: Error) => error.cause as Error);
    return { output, heard, invocations, at: Date.now() / 1_000 };
  });
};
const wait = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
const lambdaError = (name: string) => Object.assign(new Error(JSON.stringify({ errorType: name })), { name });
const caught = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }], End: true };
const Caught = { Type: "Pass", Result: "caught", End: true };

describe("a machine", () => {
  it("hands its tasks the execution's id and name, and goes on with what they return", async () => {
    const payload = { Payload: { "id.$": "$$.Execution.Id", "name.$": "$$.Execution.Name", "input.$": "$" } };
    const { output } = await play(
      machine({ Only: task(payload, { End: true }) }, "Only"),
      async (_state, given) => ({ given }),
      { application: "shop" },
    );
    const given = { id: "arn:execution", name: "run-1", input: { application: "shop" } };
    expect(output).toEqual({ value: { given } });
  });

  it("tells each invocation with its times and how it ended", async () => {
    const { heard, invocations } = await play(
      machine(
        { First: task({ Payload: {} }, { Next: "Second" }), Second: task({ Payload: {} }, caught), Caught },
        "First",
      ),
      async (state) => {
        await wait(2);
        if (state === "Second") throw lambdaError("RefusedError");
        return {};
      },
    );
    expect(heard).toEqual(["First begins", "First ok", "Second begins", "Second RefusedError"]);
    const execution = "arn:execution";
    expect(invocations).toEqual([
      { execution, state: "First", startedAt: 0, endedAt: 2_000, outcome: "ok" },
      { execution, state: "Second", startedAt: 2_000, endedAt: 4_000, outcome: "RefusedError" },
    ]);
  });

  it("retries in virtual time, and catches", async () => {
    const Retry = [{ ErrorEquals: ["Lambda.Unknown"], IntervalSeconds: 10, MaxAttempts: 2, BackoffRate: 2 }];
    let tries = 0;
    const { output, at } = await play(
      machine({ Try: task({ Payload: {} }, { Retry, ...caught }), Caught }, "Try"),
      async () => {
        tries++;
        throw lambdaError("Lambda.Unknown");
      },
    );
    expect({ output, at, tries }).toEqual({ output: "caught", at: 30, tries: 3 });
  });

  it("runs the items of a Map at the same time", async () => {
    const ItemProcessor = machine({ Item: task({ "Payload.$": "$" }, { End: true }) }, "Item");
    const { output, at } = await play(
      machine({ All: { Type: "Map", ItemsPath: "$.servers", ItemProcessor, End: true } }, "All"),
      async (_state, item) => {
        await wait(5);
        return item;
      },
      { servers: [1, 2, 3] },
    );
    expect({ output, at }).toEqual({ output: [{ value: 1 }, { value: 2 }, { value: 3 }], at: 5 });
  });
});

describe("a payload", () => {
  const limit = 262_144;
  const text = (bytes: number) => "x".repeat(bytes - 2);

  it("a payload of 256 KiB passes", async () => {
    const { output } = await play(machine({ Large: task({ Payload: {} }, { End: true }) }, "Large"), async () =>
      text(limit),
    );
    expect(output).toEqual({ value: text(limit) });
  });

  it.each(["a task", "an item of a Map"])("over 256 KiB ends %s, and no Catch sees it", async (where) => {
    const one = machine(
      { Large: task({ Payload: {} }, { ...caught, Retry: [{ ErrorEquals: ["States.ALL"] }] }), Caught },
      "Large",
    );
    const items = { Type: "Map", ItemsPath: "$.items", ItemProcessor: one, ...caught };
    const all = machine({ All: items, Caught }, "All");
    let tries = 0;
    const { output } = await play(
      where === "a task" ? one : all,
      async () => {
        tries++;
        return text(limit + 1);
      },
      { items: [1] },
    );
    expect(output).toMatchObject({
      name: "States.DataLimitExceeded",
      message: expect.stringContaining(`the result of Large has ${limit + 1} bytes`),
    });
    expect(tries).toBe(1);
  });

  it("over 256 KiB is not even handed to a task", async () => {
    let tries = 0;
    const { output } = await play(
      machine({ Large: task({ "Payload.$": "$.text" }, { End: true }) }, "Large"),
      async () => ++tries,
      { text: text(limit + 1) },
    );
    expect(output).toMatchObject({ name: "States.DataLimitExceeded" });
    expect(tries).toBe(0);
  });

  it("a payload counts in bytes, not in characters", async () => {
    const { output } = await play(machine({ Large: task({ Payload: {} }, { End: true }) }, "Large"), async () =>
      "ä".repeat(limit / 2),
    );
    expect(output).toMatchObject({ name: "States.DataLimitExceeded" });
  });
});
