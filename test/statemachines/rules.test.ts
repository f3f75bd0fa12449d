import { existsSync } from "node:fs";
import aslValidator from "asl-validator";
import { expect, test } from "vitest";
import * as errors from "../../functions/core/errors.ts";
import { limits } from "../../functions/core/limits.ts";
import { readMachines } from "../../infra/machines.ts";
import { kebabCase } from "../../infra/names.ts";
import { reach, type Scope, type State, scopes, statesOf } from "./machine.ts";

const machines = readMachines();
/** What ends by a token or by its own timeout has rules of its own: a pause for an event, a question to a person. */
const pausing = "arn:aws:states:::lambda:invoke.waitForTaskToken";
const everyTask = statesOf("Task");
const tasks = everyTask.filter(({ state }) => state.Resource !== pausing);
const waits = everyTask.filter(({ state }) => state.Resource === pausing);
const pauses = waits.filter(({ name }) => name !== "Ask");
const questions = waits.filter(({ name }) => name === "Ask");
const outer = scopes().filter(({ inMap }) => !inMap);

/** AWS's list for Lambda, and what it lacks: a crash, a lost minute, our own passing fault. */
const retried = [
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
  "Lambda.Unknown",
  // what newer runtimes call a crash and a timeout of the function
  "Runtime.ExitError",
  "Sandbox.Timedout",
  "States.Timeout",
  "TransientError",
];
const ownErrors = Object.keys(errors).filter((name) => name.endsWith("Error"));

test("the five machines are there", () => {
  expect(machines.map(({ name }) => name).sort()).toEqual(["answer", "close", "failover", "replicate", "rotate"]);
});

test.each(machines)("$name is sound Amazon States Language", async ({ definition }) => {
  const { isValid, errorsText } = await aslValidator(structuredClone(definition), { checkPaths: true, checkArn: true });
  expect(errorsText("\n")).toBe("");
  expect(isValid).toBe(true);
});

test.each(machines)("$name speaks JSONPath only", ({ definition }) => {
  const foreign = /"(QueryLanguage|Assign|Arguments|Output)":|\{%/.exec(JSON.stringify(definition));
  expect(foreign?.[0]).toBeUndefined();
});

test.each(everyTask)("$where calls the function of its own name, whose file exists", ({ name, state }) => {
  expect(["arn:aws:states:::lambda:invoke", pausing]).toContain(state.Resource);
  expect(state.Parameters.FunctionName).toBe(`\${${name}FunctionArn}`);
  expect(existsSync(`functions/${kebabCase(name)}.ts`)).toBe(true);
});

test.each(tasks)(
  "$where waits longer than its Lambda may take, and no longer than a stale step may live",
  ({ state }) => {
    expect(state.TimeoutSeconds).toBeGreaterThan(limits.functionSeconds);
    expect(state.TimeoutSeconds).toBeLessThan(limits.longestStepSeconds);
  },
);

test("a pass of replication pauses", () => {
  expect(pauses.map(({ where }) => where)).toEqual(["replicate.Pause"]);
});

test.each(pauses)(
  "$where is a wait that an event may end: nothing that becomes of it fails the run",
  ({ scope, state }) => {
    const [late, failed, ...rest] = state.Catch;
    const [, step] = /^\$\.(\w+)\.value\.waitSeconds$/.exec(state.TimeoutSecondsPath)!;
    expect(state.Parameters.Payload["token.$"]).toBe("$$.Task.Token");
    expect([state.ResultPath, state.Retry, state.TimeoutSeconds, rest]).toEqual([null, undefined, undefined, []]);
    expect(late).toEqual({ ErrorEquals: ["States.Timeout"], ResultPath: null, Next: state.Next });
    expect(failed).toEqual({ ErrorEquals: ["States.ALL"], ResultPath: null, Next: expect.any(String) });
    expect(scope.states[failed.Next]).toEqual({
      Type: "Wait",
      SecondsPath: state.TimeoutSecondsPath,
      Next: state.Next,
    });
    expect(scope.states[state.Next]!.ResultPath).toBe(`$.${step}`);
  },
);

test("a failover asks, and nothing else does", () => {
  expect(questions.map(({ where }) => where)).toEqual(["failover.Ask"]);
});

test.each(questions)(
  "$where waits for a person: an answer and its end lead to the same place, everything else fails the run",
  ({ scope, state }) => {
    const [, step] = /^\$\.(\w+)\.value\.waitSeconds$/.exec(state.TimeoutSecondsPath)!;
    expect(state.Parameters.Payload["token.$"]).toBe("$$.Task.Token");
    expect([state.ResultPath, state.TimeoutSeconds]).toEqual([null, undefined]);
    expect(state.Catch).toEqual([
      { ErrorEquals: ["States.Timeout"], ResultPath: null, Next: state.Next },
      { ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Report" },
    ]);
    expect(state.Parameters.Payload).toHaveProperty([`${step}.$`]);
    expect(scope.states[state.Next]).toMatchObject({ Type: "Task", ResultPath: "$.considered" });
  },
);

test("only a run that has nothing to answer takes the lease", () => {
  const scope = outer.find(({ machine }) => machine === "failover")!;
  expect(scope.states.Answering).toMatchObject({
    Choices: [{ Variable: "$.run.answer", IsNull: true, Next: "AcquireLease" }],
    Default: "Answer",
  });
  expect(reach(scope, "Answer")).toEqual(
    new Set(["Answer", "Done", "Report", "Release", "Ended", "Failed", "ReportMissing", "Proven"]),
  );
});

/** Machines whose every step may meet passing errors for a quarter of an hour; the history of the others has no room for that. */
const isPatient = ({ scope }: { scope: Scope }) => ["failover", "close", "answer"].includes(scope.machine);
/** What a Lambda says in a moment, and what costs the whole time of the Task before it is said. */
const slow = [
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.Unknown",
  "Runtime.ExitError",
  "Sandbox.Timedout",
  "States.Timeout",
];
const quick = retried.filter((name) => !slow.includes(name));

test.each(tasks.filter((task) => !isPatient(task)))(
  "$where retries the passing faults, with jitter, a few times",
  ({ state }) => {
    expect(state.Retry).toEqual([retrierOf(retried)]);
    const [{ MaxAttempts }] = state.Retry;
    expect(MaxAttempts).toBeLessThanOrEqual(6);
  },
);

const retrierOf = (names: string[]) => ({
  ErrorEquals: names,
  IntervalSeconds: expect.any(Number),
  MaxAttempts: expect.any(Number),
  BackoffRate: 2,
  MaxDelaySeconds: expect.any(Number),
  JitterStrategy: "FULL",
});

/** FULL jitter draws each delay between 0 and its length: half of it on average. [SFN: concepts-error-handling] */
const meanSecondsOf = ({ IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds }: State, attemptSeconds = 0) =>
  Array.from({ length: MaxAttempts }, (_, tries) => IntervalSeconds * BackoffRate ** tries)
    .map((seconds) => Math.min(seconds, MaxDelaySeconds) / 2 + attemptSeconds)
    .reduce((sum, seconds) => sum + seconds, 0);

test.each([...tasks.filter(isPatient), ...questions])(
  "$where is patient with passing errors for a quarter of an hour, whether they come at once or after a minute",
  ({ state, name }) => {
    // a question that was asked in vain is not asked for as long once more
    const late = slow.filter((error) => name !== "Ask" || error !== "States.Timeout");
    expect(state.Retry).toEqual([retrierOf(quick), retrierOf(late)]);
    const [first, second] = state.Retry;
    for (const mean of [meanSecondsOf(first), meanSecondsOf(second, limits.functionSeconds)]) {
      expect(mean).toBeGreaterThan(12 * 60);
      expect(mean).toBeLessThan(25 * 60);
    }
    expect(Math.abs(meanSecondsOf(first) - limits.passingSeconds)).toBeLessThan(30);
    // each retry writes scheduled, started and failed: two retriers, and a history holds 25,000
    expect(3 * (first.MaxAttempts + second.MaxAttempts)).toBeLessThan(600);
    expect(first.MaxDelaySeconds).toBeLessThanOrEqual(10);
  },
);

test("every ErrorEquals and every made-up error names an error that exists", () => {
  const named = statesOf().flatMap(({ state }) => [
    ...[...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap(({ ErrorEquals }: State) => ErrorEquals),
    ...(state.Result?.Error ? [state.Result.Error] : []),
  ]);
  const real = new Set([...retried, ...ownErrors, "States.ALL"]);
  expect(named.filter((name) => !real.has(name))).toEqual([]);
  expect(ownErrors).toContain("DeadlineExceededError");
});

test.each(tasks)("$where catches everything", ({ state }) => {
  expect(state.Catch).toHaveLength(1);
  expect(state.Catch[0].ErrorEquals).toEqual(["States.ALL"]);
  expect(state.Catch[0].ResultPath).toMatch(/^\$\.(error|reportError|unfenceError)$/);
});

const ends = ({ states }: Scope, names: Set<string>, type: string) =>
  [...names].filter((name) => states[name]!.Type === type);

test.each(tasks.filter(({ scope, name }) => !scope.inMap && !["Report", "Release"].includes(name)))(
  "a failure of $where is reported, then ends red",
  ({ scope, state }) => {
    const [{ Next }] = state.Catch;
    const before = reach(scope, Next, new Set(["Report"]));
    const ended = [...ends(scope, before, "Fail"), ...ends(scope, before, "Succeed")];
    expect(ended).toEqual([]);
    expect([...before].filter((name) => scope.states[name]!.End)).toEqual([]);
    expect(reach(scope, Next)).toContain("Report");
  },
);

test.each(outer)("$path: Report goes on to Release whatever happens, and an error then ends in Fail", ({ states }) => {
  const { Report, Release, Ended, Failed } = states;
  expect([Report!.Next, Report!.Catch[0].Next]).toEqual(["Release", "Release"]);
  expect([Release!.Next, Release!.Catch[0].Next]).toEqual(["Ended", "Failed"]);
  expect(Ended!.Choices[0]).toEqual({ Variable: "$.error", IsPresent: true, Next: "Failed" });
  expect(states[Ended!.Choices[1].Next]).toMatchObject({ Type: "Fail" });
  expect(Failed).toEqual({ Type: "Fail", ErrorPath: "$.error.Error", CausePath: "$.error.Cause" });
});

test("no machine fans out: a pass over many servers or volumes is one task, whose history grows with passes alone", () => {
  expect([...statesOf("Map"), ...statesOf("Parallel")].map(({ where }) => where)).toEqual([]);
});

test.each(statesOf("Choice"))("$where has a default", ({ state }) => {
  expect(state.Default).toBeDefined();
});

test.each(statesOf("Wait"))("$where waits as long as its step says", ({ state }) => {
  expect(state).toEqual({
    Type: "Wait",
    SecondsPath: expect.stringMatching(/^\$\.\w+\.value\.waitSeconds$/),
    Next: expect.any(String),
  });
});

const textsOf = (value: unknown, path = ""): { path: string; text: string }[] =>
  typeof value === "string"
    ? [{ path, text: value }]
    : Object.entries((value ?? {}) as object).flatMap(([key, inner]) => textsOf(inner, `${path}.${key}`));

test.each(machines)("$name reads nothing of the context object that a rehearsal does not have", ({ definition }) => {
  const used = textsOf(definition).filter(({ text }) => text.includes("$$."));
  for (const { path, text } of used) {
    if (text.startsWith("$$.Map.")) {
      expect(text).toBe("$$.Map.Item.Value");
      expect(path).toMatch(/\.ItemSelector\.[^.]+\.\$$/);
    } else
      expect(text).toMatch(
        /^(\$\$\.(Execution\.(Id|Name)|Task\.Token|State\.EnteredTime)|States\.JsonMerge\(\$, \$\$\.State, false\))$/,
      );
  }
});

test.each(machines)("$name: only LoadPlan reads the raw input", ({ definition }) => {
  const first = definition as unknown as { StartAt: string; States: Record<string, State> };
  expect(first.StartAt).toBe("LoadPlan");
  // "$" is the default; written out, the interpreter takes it for a key
  expect(first.States.LoadPlan!.ResultPath).toBeUndefined();
  expect(first.States.LoadPlan!.ResultSelector).toEqual({ "run.$": "$.Payload" });
});
