import type { Context as LambdaContext } from "aws-lambda";
import type { Watch } from "../../functions/aws/calls/clients.ts";
import { limits } from "../../functions/core/limits.ts";
import type { Outside } from "../../functions/runtime/context.ts";
import type { StepHandler } from "../../functions/runtime/step.ts";
import type { BrownOut } from "../scenario/fault.ts";
import { currentStep } from "./current-step.ts";

export type Crash = { step: string; operation: string | null; nth: number; when: "before" | "after"; count: number };

export type Invocation = {
  execution: string;
  state: string;
  startedAt: number;
  endedAt: number;
  outcome: string;
};

/** What the runner needs of the simulated world. */
export type LambdaEnvironment = {
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

export type Container = {
  handler: (event: unknown, context: LambdaContext) => Promise<unknown>;
  box: Box;
  /** When it last answered, ms. */
  usedAt: number;
};

/** Carries the death of a container out of whatever try/catch the step is in. */
export type Box = { dead: boolean; die: (error: Error) => void; state: string };

/** An idle container is gone after a time that no page tells; users' experiments saw five minutes and more. Estimate. */
export const idleSeconds = 300;

/** Lambda: one container per concurrent invocation, kept and used again for a while; a crashed one never answers any more. */
export const createLambda = (handlers: Record<string, StepHandler>, environment: LambdaEnvironment) => {
  const idle = new Map<string, Container[]>();
  const seen = new Map<Crash, number>();
  let running = 0;
  let invocations = 0;
  let milliseconds = 0;

  const crashed = (box: Box, operation: string, when: Crash["when"]) => {
    for (const crash of environment.crashes) {
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
    return { handler: handler.in(environment.outside([watch(box)])), box, usedAt: Date.now() };
  };

  /** One invocation as `lambda:invoke` answers it: an error has the name that the machine matches and a JSON cause. */
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    if (environment.isDown()) {
      await environment.regionUp();
      throw lambdaError("Lambda.ServiceException", "the Region did not answer");
    }
    const refused = refusal();
    if (refused) throw refusals[refused]();
    running += 1;
    return run(name, event).finally(() => {
      running -= 1;
    });
  };

  const refusal = () => environment.brownOut() ?? (running >= environment.concurrency() ? "throttled" : null);

  const run = async (name: string, event: unknown): Promise<unknown> => {
    const pool = idle.get(name) ?? [];
    idle.set(name, pool);
    // the last one is the one that was used last
    const last = pool.pop();
    const warm = last && Date.now() - last.usedAt < idleSeconds * 1_000 ? last : undefined;
    const container = warm ?? create(name);
    const { box } = container;
    await sleep(environment.startMs(!warm));
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
      const answer = currentStep.run(name, () => container.handler(roundTrip(event), lambdaContext(name, startedAt)));
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

export const lambdaContext = (name: string, startedAt: number) =>
  ({
    functionName: name,
    awsRequestId: "simulated",
    getRemainingTimeInMillis: () => limits.functionSeconds * 1_000 - (Date.now() - startedAt),
  }) as unknown as LambdaContext;

export const lambdaError = (name: string, message: string) =>
  Object.assign(new Error(JSON.stringify({ errorType: name, errorMessage: message })), { name });

/** Names that a machine may match on. [SFN:bp-lambda-serviceexception; Lambda: Invoke] */
export const refusals: Record<BrownOut, () => Error> = {
  unavailable: () => lambdaError("Lambda.ServiceException", "Lambda did not answer"),
  throttled: () => lambdaError("Lambda.TooManyRequestsException", "Rate Exceeded."),
};

export const thrown = (error: unknown) => {
  const { name, message } = error as Error;
  return lambdaError(name, message);
};

export const die = (box: Box) => {
  box.dead = true;
  box.die(lambdaError("Lambda.Unknown", "Runtime exited"));
  return forever();
};

export const forever = () => new Promise<never>(() => undefined);

export const roundTrip = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

export const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
