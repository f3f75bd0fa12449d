import middy from "@middy/core";
import type { Context as LambdaContext } from "aws-lambda";
import type { z } from "zod/mini";
import { translate } from "../aws/calls/errors.ts";
import { secondsSince } from "../core/clock/time.ts";
import { LifeboatError, PlanInvalidError, TransientError, WornOutError, withHint } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { cut } from "../core/payload.ts";
import { type Context, createContext, type Outside } from "./context.ts";
import { lambdaOutside } from "./lambda.ts";
import { dryRunOf, type Proving, prove } from "./prove.ts";

/** What is caught goes on in the payload; Step Functions itself has room for 32,768 characters. [SDK SFN: TaskFailedEventDetails] */
const messageMax = 4 * limits.sentenceCharacters;

type Handler = (event: unknown, lambda: LambdaContext) => Promise<unknown>;

/** A Lambda handler; `in` makes the same handler for one container of another outside (simulator, emulator). */
export type StepHandler = Handler & { in(outside: Outside): Handler };

/**
 * Wraps a step: reads and checks its input, runs it, turns passing AWS faults into TransientError (WornOutError once the
 * state has met them for too long), and writes what it did to the log. The container is made at the first invocation, never at import.
 * In a dry execution no step does its work, whatever it is: it proves its rights, as `proving` says.
 */
export const step = <S extends z.core.$ZodType, R>(
  name: string,
  Input: S,
  run: (input: z.core.output<S>, context: Context) => Promise<R>,
  proving: Proving = {},
): StepHandler =>
  handlerOf(name, async (event, context) => {
    try {
      const dry = dryRunOf(event);
      if (dry) return await prove(name, dry, event, context, proving);
      return await run(parse(name, Input, event), context);
    } catch (error) {
      const known = unlessWornOut(translate(error), event, context.now());
      if (known instanceof LifeboatError) known.message = withHint(cut(known.message, messageMax), known.hint);
      const { name: code, message } = known as Error;
      context.log.error(`${name} failed`, { code, because: message });
      throw known;
    }
  });

/**
 * A count of retries is no clock: a try may take half a minute. The machines of a failover tell each try when its state
 * was entered, which is the same for all of them; the others retry a few times only. [SFN: input-output-contextobject]
 */
const unlessWornOut = (error: unknown, event: unknown, now: Date) => {
  const { EnteredTime } = (event ?? {}) as { EnteredTime?: string };
  const seconds = EnteredTime ? secondsSince(EnteredTime, now) : 0;
  if (!(error instanceof TransientError) || seconds < limits.passingSeconds) return error;
  const minutes = Math.round(seconds / 60);
  return new WornOutError(
    `for ${minutes} min: ${error.message}`,
    "Start the machine again when the service that the message names answers.",
    { cause: error },
  );
};

/** A Lambda handler whose container is made at the first invocation. */
export const handlerOf = (
  name: string,
  handle: (event: unknown, context: Context) => Promise<unknown>,
): StepHandler => {
  const make = (outside: Outside): Handler => {
    const context = createContext(outside);
    // an early answer would leave the step at work in a frozen container; Lambda's own timeout ends it for good
    return middy({ timeoutEarlyInMillis: 0 }).handler((event: unknown) => handle(event, context)) as unknown as Handler;
  };
  let own: Handler | undefined;
  const handler = (event: unknown, lambda: LambdaContext) => {
    own ??= make(lambdaOutside(name));
    return own(event, lambda);
  };
  return Object.assign(handler, { in: make });
};

const parse = <S extends z.core.$ZodType>(name: string, Input: S, event: unknown): z.core.output<S> => {
  const parsed = (Input as unknown as z.ZodMiniType).safeParse(event);
  if (parsed.success) return parsed.data as z.core.output<S>;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join(".") || "input";
  const { expected, values } = (issue ?? {}) as { expected?: string; values?: string[] };
  throw new PlanInvalidError(
    `${name}: ${place}: expected ${values?.join(" or ") ?? expected ?? "what the machine gives"} (got ${kindAt(event, issue?.path ?? [])})`,
    'Start the machine with { "application": "<name>" }.',
  );
};

/** What stands there, by its kind alone: a value may be a secret. */
const kindAt = (event: unknown, path: PropertyKey[]): string => {
  const value = path.reduce<unknown>((whole, key) => (whole as Record<PropertyKey, unknown> | null)?.[key], event);
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a value of the type ${typeof value}`;
};
