import type { Context as LambdaContext } from "aws-lambda";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod/mini";
import { PlanInvalidError, RefusedError, TransientError } from "../../functions/core/errors.ts";
import type { Context } from "../../functions/runtime/context.ts";
import { step } from "../../functions/runtime/step.ts";
import { AwsError } from "../../simulator/kernel.ts";
import { anOutside } from "../support/context.ts";

const lambda = { functionName: "lifeboat-greet", getRemainingTimeInMillis: () => 60_000 } as unknown as LambdaContext;
const Input = z.object({ run: z.object({ application: z.string() }), passes: z.optional(z.number()) });
type Input = z.infer<typeof Input>;
const event = { run: { application: "shop" } };

/** Invokes a step once, in a container of its own. */
const invoke = async (run: (input: Input, context: Context) => Promise<unknown>, given: unknown = event) => {
  const outside = anOutside();
  const answer = await step("greet", Input, run)
    .in(outside)(given, lambda)
    .then(
      (value) => ({ value }),
      (error: Error & { hint?: string }) => ({ error }),
    );
  return { value: null, error: null, ...answer, logs: outside.told.logs };
};
const failing = (error: unknown) => () => Promise.reject(error);

describe("a step", () => {
  it("gets its checked input without what it does not know, and a context on its outside", async () => {
    const { value } = await invoke(
      async (input, { settings, now }) => ({ input, region: settings.region, at: now().toISOString() }),
      { ...event, passes: 2, error: { Error: "States.Timeout" } },
    );
    expect(value).toEqual({
      input: { ...event, passes: 2 },
      region: "eu-central-1",
      at: "2026-03-02T12:00:00.000Z",
    });
  });

  it.each([
    [null, "greet: input: expected object (got null)"],
    [{}, "greet: run: expected object (got nothing)"],
    [{ run: { application: 7 } }, "greet: run.application: expected string (got a value of the type number)"],
    [{ ...event, passes: "two" }, "greet: passes: expected number (got a value of the type string)"],
  ])("refuses %j as a mistake of who started the machine, and does nothing", async (given, message) => {
    const run = vi.fn();
    const { error } = await invoke(run, given);
    expect(error).toBeInstanceOf(PlanInvalidError);
    expect(error).toMatchObject({
      name: "PlanInvalidError",
      message: `${message} -> Start the machine with { "application": "<name>" }.`,
    });
    expect(run).not.toHaveBeenCalled();
  });

  it.each([
    [899, "TransientError", "no answer -> Ask again."],
    [
      900,
      "WornOutError",
      "for 15 min: no answer -> Start the machine again when the service that the message names answers.",
    ],
    [
      7_000,
      "WornOutError",
      "for 117 min: no answer -> Start the machine again when the service that the message names answers.",
    ],
  ])("that meets a passing fault %i s after its state was entered ends in a %s", async (seconds, name, message) => {
    const EnteredTime = new Date(Date.parse("2026-03-02T12:00:00Z") - seconds * 1_000).toISOString();
    const { error } = await invoke(failing(new TransientError("no answer", "Ask again.")), { ...event, EnteredTime });
    expect(error).toMatchObject({ name, message });
  });

  it("has a clock for passing faults alone", async () => {
    const given = { ...event, EnteredTime: "2026-03-01T12:00:00.000Z" };
    const { error } = await invoke(failing(new RefusedError("no", "Mend it.")), given);
    expect(error).toMatchObject({ name: "RefusedError" });
    expect((await invoke(async () => "done", given)).value).toBe("done");
    expect((await invoke(failing(new TransientError("no answer")))).error).toMatchObject({ name: "TransientError" });
  });

  it("carries the hint of its error in the message, the only thing that Lambda passes on", async () => {
    const { error, logs } = await invoke(failing(new RefusedError("the quota is too low", "Raise it.")));
    expect(error).toMatchObject({ name: "RefusedError", message: "the quota is too low -> Raise it." });
    expect(logs).toEqual(['greet failed {"code":"RefusedError","because":"the quota is too low -> Raise it."}']);
  });

  it("says a hint once, though the same error leaves two steps", async () => {
    const refused = new RefusedError("no", "ask");
    await invoke(failing(refused));
    expect((await invoke(failing(refused))).error).toMatchObject({ message: "no -> ask" });
  });

  it("leaves a passing fault of AWS to the Retry of the machine", async () => {
    const { error } = await invoke(failing(new AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)));
    expect(error).toMatchObject({
      name: "TransientError",
      message: "RequestLimitExceeded: Request limit exceeded. -> The step is run again by the state machine.",
    });
  });

  it("lets any other error leave as it is, told in the log", async () => {
    const bug = new TypeError("x is not a function");
    const { error, logs } = await invoke(failing(bug));
    expect(error).toBe(bug);
    expect(logs).toEqual(['greet failed {"code":"TypeError","because":"x is not a function"}']);
  });
});

describe("a container", () => {
  it("has one context for all its invocations; another container has another", async () => {
    const { in: make } = step("greet", Input, async (_input, context) => context);
    const [first, second] = [make(anOutside()), make(anOutside())];
    const context = await first(event, lambda);
    expect(await first(event, lambda)).toBe(context);
    expect(await second(event, lambda)).not.toBe(context);
  });

  it("of Lambda itself is made at the first invocation: the import needs no environment", async () => {
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("LIFEBOAT_TABLE", undefined);
    const handler = step("greet", Input, async (_input, { settings }) => settings.table);
    expect(() => handler(event, lambda)).toThrow("environment variable LIFEBOAT_TABLE: expected a value (got none)");

    vi.stubEnv("LIFEBOAT_TABLE", "lifeboat");
    vi.stubEnv("LIFEBOAT_BUCKET", "lifeboat-reports");
    expect(await handler(event, lambda)).toBe("lifeboat");

    vi.stubEnv("LIFEBOAT_TABLE", "another");
    expect(await handler(event, lambda)).toBe("lifeboat");
    vi.unstubAllEnvs();
  });
});
