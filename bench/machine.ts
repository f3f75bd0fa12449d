import { readFileSync } from "node:fs";
import type { Context as LambdaContext } from "aws-lambda";
import { StateMachine } from "aws-local-stepfunctions";
import { limits } from "../functions/core/limits.ts";
import type { Outside } from "../functions/runtime/context.ts";
import type { StepHandler } from "../functions/runtime/step.ts";

/** Largest payload of a state, bytes. [SFN:service-quotas] */
const payloadBytesMax = 262_144;
const waiting = "arn:aws:states:::lambda:invoke.waitForTaskToken";

type State = {
  Type: string;
  Resource?: string;
  SecondsPath?: string;
  TimeoutSecondsPath?: string;
  [key: string]: unknown;
};
type Definition = { States: Record<string, State> };

/**
 * Runs a machine of the project to its end: its own file and handlers, one container for each function. A Wait, and the
 * pause that an event of EBS could end, take as long as `wait` does; every pause ends by its own time-out.
 */
export const runMachine = async (
  { machine, input, id, name }: { machine: string; input: unknown; id: string; name: string },
  handlers: Record<string, StepHandler>,
  outside: Outside,
  wait: (seconds: number) => Promise<void>,
) => {
  const file = `statemachines/${machine}.asl.json`;
  const definition = withWaits(JSON.parse(readFileSync(file, "utf8")) as Definition);
  const containers = new Map<string, ReturnType<StepHandler["in"]>>();
  const invoke = async (state: string, Payload: unknown) => {
    const known = containers.get(state) ?? handlers[state]?.in(outside);
    if (!known) throw new Error(`no function ${state}: functions/ has no file of that name`);
    containers.set(state, known);
    check(Payload, `the input of ${state}`);
    const result = (await known(roundTrip(Payload), lambdaContext(state)).catch((error) => {
      throw named((error as Error).name, (error as Error).message);
    })) as unknown;
    check(result, `the result of ${state}`);
    return roundTrip(result);
  };

  const handlerOf = (state: string, { Resource, BenchWait }: State) => {
    // biome-ignore lint/suspicious/noExplicitAny: the interpreter's handler type is plain JSON
    return async (task: any): Promise<any> => {
      if (BenchWait) return wait(task.seconds).then(() => null);
      const { value, Payload } = Resource === waiting ? task : { value: null, Payload: task.Payload };
      const result = await invoke(state, Payload);
      if (Resource !== waiting) return { StatusCode: 200, Payload: result };
      await wait(value);
      throw named("States.Timeout", `${state} was not ended by an event`);
    };
  };
  const local = Object.entries(definition.States)
    .filter(([, { Type }]) => Type === "Task")
    .map(([state, body]) => [state, handlerOf(state, body)]);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const interpreter = new StateMachine(definition as any, { validationOptions: { noValidate: true } });
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return interpreter.run(roundTrip(input) as any, {
    overrides: { taskResourceLocalHandlers: Object.fromEntries(local) },
    context: { Execution: { Id: id, Name: name }, Task: { Token: `${id}#task` } },
  }).result;
};

/** The same machine with its waits as tasks, so that the bench decides how long they take. */
const withWaits = ({ States, ...rest }: Definition): Definition => {
  const changed = Object.entries(States).map(([name, state]): [string, State] => {
    const { Type, Seconds, SecondsPath, TimeoutSecondsPath, TimeoutSeconds, Parameters, ...others } = state;
    if (Type === "Wait") {
      const seconds = SecondsPath ? { "seconds.$": SecondsPath } : { seconds: Seconds };
      return [
        name,
        { ...others, Type: "Task", Resource: waiting, BenchWait: true, Parameters: seconds, ResultPath: null },
      ];
    }
    if (state.Resource !== waiting) return [name, state];
    const value = TimeoutSecondsPath ? { "value.$": TimeoutSecondsPath } : { value: TimeoutSeconds };
    return [name, { ...others, Type, Parameters: { ...(Parameters as object), ...value } }];
  });
  return { ...rest, States: Object.fromEntries(changed) };
};

/** Neither Retry nor Catch sees it: the execution fails at once. [SFN:concepts-error-handling] */
const check = (payload: unknown, what: string) => {
  const size = Buffer.byteLength(JSON.stringify(payload ?? null));
  if (size <= payloadBytesMax) return;
  const error = named("States.DataLimitExceeded", `${what} has ${size} bytes, ${payloadBytesMax} are the most`);
  throw Object.assign(error, { isRetryable: false, isCatchable: false });
};

const lambdaContext = (functionName: string) =>
  ({
    functionName,
    awsRequestId: "bench",
    getRemainingTimeInMillis: () => limits.functionSeconds * 1_000,
  }) as unknown as LambdaContext;

/** As `lambda:invoke` gives an error to the machine: the name that it matches and a JSON cause. */
const named = (name: string, message: string) =>
  Object.assign(new Error(JSON.stringify({ errorType: name, errorMessage: message })), { name });

const roundTrip = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));
