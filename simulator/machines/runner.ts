import { basename } from "node:path";
import type { Context as LambdaContext } from "aws-lambda";
import { StateMachine } from "aws-local-stepfunctions";
import type { Watch } from "../../functions/aws/calls/clients.ts";
import { limits } from "../../functions/core/limits.ts";
import type { Outside } from "../../functions/runtime/context.ts";
import type { StepHandler } from "../../functions/runtime/step.ts";
import type { BrownOut } from "../scenario/faults.ts";
import { loadMachine } from "./machine-file.ts";
import { executionOf, machineOf, stepOf } from "./step-of.ts";
import { createTaskTokens, type TaskTokens } from "./task-tokens.ts";

/** Largest payload of a state, bytes. [SFN:service-quotas] */
const payloadBytesMax = 262_144;

export type Crash = { step: string; operation: string | null; nth: number; when: "before" | "after"; count: number };

export type Invocation = {
  execution: string;
  state: string;
  startedAt: number;
  endedAt: number;
  outcome: string;
};

/** What the runner needs of the simulated world. */
export type Stage = {
  /** The outside of one container; its watches end in the simulator. */
  outside(watches: Watch[]): Outside;
  /** Virtual milliseconds that an invocation takes to begin. */
  startMs(cold: boolean): number;
  /** Is the controller's own Region dark; and when it no longer is. */
  isDown(): boolean;
  regionUp(): Promise<void>;
  /** What Lambda itself answers there while it browns out, or null. */
  brownOut(): BrownOut | null;
  /** Functions of the account that may run there at once, all together. [LA:gettingstarted-limits] */
  concurrency(): number;
  crashes: Crash[];
};

type Container = {
  handler: (event: unknown, context: LambdaContext) => Promise<unknown>;
  box: Box;
  /** When it last answered, ms. */
  usedAt: number;
};
/** Carries the death of a container out of whatever try/catch the step is in. */
type Box = { dead: boolean; die: (error: Error) => void; state: string };

/** An idle container is gone after a time that no page tells; users' experiments saw five minutes and more. Estimate. */
const idleSeconds = 300;

/** Lambda: one container per concurrent invocation, kept and used again for a while; a crashed one never answers any more. */
export const createLambda = (handlers: Record<string, StepHandler>, stage: Stage) => {
  const idle = new Map<string, Container[]>();
  const seen = new Map<Crash, number>();
  let running = 0;
  let invocations = 0;
  let milliseconds = 0;

  const crashed = (box: Box, operation: string, when: Crash["when"]) => {
    for (const crash of stage.crashes) {
      if (crash.when !== when || crash.count <= 0 || crash.step !== box.state) continue;
      if (crash.operation !== null && crash.operation !== operation) continue;
      const count = (seen.get(crash) ?? 0) + 1;
      seen.set(crash, count);
      if (count < crash.nth) continue;
      crash.count -= 1;
      return true;
    }
    return false;
  };

  const watch =
    (box: Box): Watch =>
    async (call, next) => {
      if (box.dead) return forever();
      if (call.mutating && crashed(box, call.operation, "before")) return die(box);
      const reply = await next();
      if (box.dead) return forever();
      if (call.mutating && crashed(box, call.operation, "after")) return die(box);
      return reply;
    };

  const create = (name: string): Container => {
    const handler = handlers[name];
    if (!handler) throw new Error(`no function ${name}: functions/ has no file of that name`);
    const box: Box = { dead: false, die: () => undefined, state: name };
    return { handler: handler.in(stage.outside([watch(box)])), box, usedAt: Date.now() };
  };

  /** One invocation as `lambda:invoke` answers it: an error has the name that the machine matches and a JSON cause. */
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    if (stage.isDown()) {
      await stage.regionUp();
      throw lambdaError("Lambda.ServiceException", "the Region did not answer");
    }
    const refused = refusal();
    if (refused) throw refusals[refused]();
    running += 1;
    return run(name, event).finally(() => {
      running -= 1;
    });
  };

  const refusal = () => stage.brownOut() ?? (running >= stage.concurrency() ? "throttled" : null);

  const run = async (name: string, event: unknown): Promise<unknown> => {
    const pool = idle.get(name) ?? [];
    idle.set(name, pool);
    // the last one is the one that was used last
    const last = pool.pop();
    const warm = last && Date.now() - last.usedAt < idleSeconds * 1_000 ? last : undefined;
    const container = warm ?? create(name);
    const { box } = container;
    await sleep(stage.startMs(!warm));
    invocations += 1;
    const startedAt = Date.now();
    let timer: NodeJS.Timeout | undefined;
    try {
      const death = new Promise<never>((_, reject) => {
        box.die = reject;
        timer = setTimeout(() => {
          box.dead = true;
          reject(lambdaError("Lambda.Unknown", `Task timed out after ${limits.functionSeconds} seconds`));
        }, limits.functionSeconds * 1_000);
      });
      const answer = stepOf.run(name, () => container.handler(roundTrip(event), lambdaContext(name, startedAt)));
      return roundTrip(await Promise.race([answer, death]));
    } catch (error) {
      throw error instanceof Error && /^Lambda\./.test(error.name) ? error : thrown(error);
    } finally {
      clearTimeout(timer);
      container.usedAt = Date.now();
      if (!box.dead) pool.push(container);
      milliseconds += Date.now() - startedAt;
    }
  };

  /**
   * An asynchronous invocation: while Lambda itself refuses, it is tried again after a second, then after twice as long, five
   * minutes at most, until the event is too old. [Lambda:invocation-async-error-handling]
   */
  const deliver = async (name: string, event: unknown, ageSecondsMax: number): Promise<unknown> => {
    const until = Date.now() + ageSecondsMax * 1_000;
    for (let wait = 1; refusal() && Date.now() + wait * 1_000 <= until; wait = Math.min(2 * wait, 300))
      await sleep(wait * 1_000);
    return invoke(name, event);
  };

  return { invoke, deliver, spent: () => ({ invocations, milliseconds }) };
};
export type Lambda = ReturnType<typeof createLambda>;

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
    const told = task.Payload as { EnteredTime?: string } | null;
    if (told?.EnteredTime) told.EnteredTime = new Date(entered.at).toISOString();
    listen.invoking(state);
    try {
      checkSize(task.Payload, `the input of ${state}`);
      const Payload = await executionOf.run(execution.id, () =>
        machineOf.run(machine, () => lambda.invoke(state, task.Payload)),
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

const lambdaContext = (name: string, startedAt: number) =>
  ({
    functionName: name,
    awsRequestId: "simulated",
    getRemainingTimeInMillis: () => limits.functionSeconds * 1_000 - (Date.now() - startedAt),
  }) as unknown as LambdaContext;

const lambdaError = (name: string, message: string) =>
  Object.assign(new Error(JSON.stringify({ errorType: name, errorMessage: message })), { name });

/** Names that a machine may match on. [SFN:bp-lambda-serviceexception; Lambda: Invoke] */
const refusals: Record<BrownOut, () => Error> = {
  unavailable: () => lambdaError("Lambda.ServiceException", "Lambda did not answer"),
  throttled: () => lambdaError("Lambda.TooManyRequestsException", "Rate Exceeded."),
};

const thrown = (error: unknown) => {
  const { name, message } = error as Error;
  return lambdaError(name, message);
};

const die = (box: Box) => {
  box.dead = true;
  box.die(lambdaError("Lambda.Unknown", "Runtime exited"));
  return forever();
};

const forever = () => new Promise<never>(() => undefined);
const roundTrip = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));
const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
