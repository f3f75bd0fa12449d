/** Runs a state machine with the interpreter: tasks, retries, waits and timeouts. */

import { basename } from "node:path";
import { StateMachine } from "aws-local-stepfunctions";
import { currentExecution, currentMachine } from "./current-step.ts";
import { forever, type Invocation, type Lambda, lambdaError, roundTrip } from "./lambda.ts";
import { loadMachine } from "./machine-file.ts";
import { createTaskTokens, type TaskTokens } from "./task-tokens.ts";

/** Largest payload of a state, bytes. [SFN:service-quotas] */
const payloadBytesMax = 262_144;

/** One execution of a machine in the interpreter, its tasks invoked through `lambda`. */
export const interpret = (
  file: URL,
  input: unknown,
  execution: { id: string; name: string },
  lambda: Pick<Lambda, "invoke">,
  listen: {
    /** Resolves when Step Functions schedules tasks, false when this one has ended meanwhile. */
    scheduling?(seconds: number | null): Promise<boolean>;
    invoking(state: string): void;
    invoked(invocation: Invocation, result: unknown): void;
  },
  tokens: TaskTokens = createTaskTokens(),
) => {
  const { definition, tasks } = loadMachine(file);
  const machine = basename(file.pathname, ".asl.json");
  const given = new Set<string>();
  /** The state that is being tried, and since when: no machine comes back to a state that failed without another task between. */
  let entered: { state: string; at: number } | null = null;
  const secondsOf = new Map(tasks.map(({ name, seconds }) => [name, seconds]));
  const run = async (state: string, task: { Payload: unknown }) => {
    if (listen.scheduling && !(await listen.scheduling(secondsOf.get(state) ?? null))) return forever();
    const startedAt = Date.now();
    const noted = { execution: execution.id, state, startedAt };
    if (entered?.state !== state) entered = { state, at: startedAt };
    const payload = task.Payload as { EnteredTime?: string } | null;
    if (payload?.EnteredTime) payload.EnteredTime = new Date(entered.at).toISOString();
    listen.invoking(state);
    try {
      checkSize(task.Payload, `the input of ${state}`);
      const Payload = await currentExecution.run(execution.id, () =>
        currentMachine.run(machine, () => lambda.invoke(state, task.Payload)),
      );
      checkSize(Payload, `the result of ${state}`);
      listen.invoked({ ...noted, endedAt: Date.now(), outcome: "ok" }, Payload);
      entered = null;
      return { StatusCode: 200, Payload };
    } catch (error) {
      listen.invoked({ ...noted, endedAt: Date.now(), outcome: (error as Error).name }, null);
      throw error;
    }
  };
  /** `.waitForTaskToken`: the task ends when its token comes back, when its function fails, or when its time is up. */
  const runAndWait = async (state: string, task: { Payload: unknown; TimeoutSeconds: number }) => {
    const payload = task.Payload as Record<string, unknown>;
    const token = Object.values(payload).find((value) => given.has(value as string)) as string | undefined;
    if (!token) throw lambdaError("States.Runtime", `${state} hands its $$.Task.Token to nobody`);
    const returned = tokens.wait(token);
    // the interpreter ends the task at this instant, too: from now on the token is worth nothing
    const timer = setTimeout(() => tokens.close(token), task.TimeoutSeconds * 1_000);
    try {
      return await Promise.race([returned, run(state, task).then(() => returned)]);
    } finally {
      clearTimeout(timer);
      tokens.close(token);
    }
  };
  const interpreter = new StateMachine(definition, { validationOptions: { noValidate: true } });
  const handlers = Object.fromEntries(
    // biome-ignore lint/suspicious/noExplicitAny: the interpreter's handler type is plain JSON
    tasks.map(({ name, waits }) => [name, (task: any) => (waits ? runAndWait(name, task) : run(name, task))]),
  );
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return interpreter.run(roundTrip(input) as any, {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    overrides: { taskResourceLocalHandlers: handlers as any },
    context: {
      Execution: { Id: execution.id, Name: execution.name },
      // `run` says when it was: the interpreter asks for it anew with each try
      State: { EnteredTime: new Date(0).toISOString() },
      Task: {
        get Token() {
          const token = tokens.issue(execution.id);
          given.add(token);
          return token;
        },
      },
    },
  });
};

/** Neither Retry nor Catch sees it: the execution fails at once. [SFN:concepts-error-handling] */
const checkSize = (payload: unknown, what: string) => {
  const size = Buffer.byteLength(JSON.stringify(payload ?? null));
  if (size <= payloadBytesMax) return;
  const error = lambdaError("States.DataLimitExceeded", `${what} has ${size} bytes, ${payloadBytesMax} are the most`);
  throw Object.assign(error, { isRetryable: false, isCatchable: false });
};
