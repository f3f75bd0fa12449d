/** Executions of the state machines of one Region. */

import { account, type Emitted } from "../kernel.ts";
import { eventsOf, historyFull, historyMax, type Logged } from "./history.ts";
import type { Invocation, Lambda } from "./lambda.ts";
import { loadMachine } from "./machine-file.ts";
import { interpret } from "./runner.ts";
import { createTaskTokens } from "./task-tokens.ts";

export type MachineName = "replicate" | "rotate" | "failover" | "close" | "answer";
export type Status = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export type Execution = {
  machine: MachineName;
  arn: string;
  name: string;
  input: unknown;
  startedAt: number;
  endedAt: number | null;
  status: Status;
  output: unknown;
  error: string | null;
  cause: string | null;
  invocations: Invocation[];
  /** Last result of each step, by its state. */
  results: Map<string, unknown>;
  transitions: number;
  /** Events of its history, as AWS counts them. */
  historyEvents: number;
};

export type Listener = {
  /** Resolves when Step Functions schedules tasks. */
  scheduling(): Promise<void>;
  started(execution: Execution): void;
  invoking(execution: Execution, state: string): void;
  invoked(execution: Execution, invocation: Invocation): void;
  ended(execution: Execution): void;
};

/** Step Functions of the controller's Region: runs the project's own ASL files in virtual time. */
export const createExecutions = (
  region: string,
  lambda: Pick<Lambda, "invoke">,
  emit: (event: Emitted) => void,
  listen: Partial<Listener> = {},
) => {
  const all = new Map<string, Execution>();
  const aborts = new Map<string, () => void>();
  const tokens = createTaskTokens();
  const arnOf = (machine: string, name: string) =>
    `arn:aws:states:${region}:${account}:execution:lifeboat-${machine}:${name}`;

  const start = (machine: MachineName, name: string, input: unknown): Execution => {
    const arn = arnOf(machine, name);
    const execution: Execution = {
      machine,
      arn,
      name,
      input,
      startedAt: Date.now(),
      endedAt: null,
      status: "RUNNING",
      output: null,
      error: null,
      cause: null,
      invocations: [],
      results: new Map(),
      transitions: 0,
      historyEvents: 0,
    };
    all.set(arn, execution);
    const file = new URL(`../../statemachines/${machine}.asl.json`, import.meta.url);
    listen.started?.(execution);
    const waiting = new Set(loadMachine(file).tasks.flatMap(({ name, waits }) => (waits ? [name] : [])));
    const hear: Parameters<typeof interpret>[4] = {
      // the clock of the task runs, and its execution may be ended, while it waits to be scheduled
      scheduling: async (seconds) => {
        const enteredAt = Date.now();
        await listen.scheduling?.();
        const isLate = seconds !== null && Date.now() - enteredAt >= seconds * 1_000;
        return execution.status === "RUNNING" && !isLate;
      },
      invoking: (state) => listen.invoking?.(execution, state),
      invoked: (invocation, result) => {
        execution.invocations.push(invocation);
        if (invocation.outcome === "ok") {
          execution.results.set(invocation.state, result);
          // TaskSubmitted: the function has its token
          if (waiting.has(invocation.state)) write(execution, 1);
        }
        listen.invoked?.(execution, invocation);
      },
    };
    const running = interpret(file, input, { id: arn, name }, lambda, hear, tokens);
    aborts.set(arn, () => running.abort());
    const counted = count(execution, running.eventLogs, (events) => write(execution, events));
    running.result.then(
      (output) => counted.then(() => end(execution, "SUCCEEDED", { output })),
      (error: Error) => counted.then(() => end(execution, ...failure(error, execution))),
    );
    return execution;
  };

  /** What the rules of EventBridge hear of an execution: as DescribeExecution tells it. [SFN:eventbridge-integration] */
  const tell = (execution: Execution) => {
    const { arn, name, status, startedAt, endedAt, input, output, error, cause } = execution;
    const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:lifeboat-${execution.machine}`;
    const detail = {
      executionArn: arn,
      stateMachineArn,
      stateMachineAliasArn: `${stateMachineArn}:live`,
      name,
      status,
      startDate: startedAt,
      stopDate: endedAt,
      error,
      cause,
      input: JSON.stringify(input),
      inputDetails: { included: true },
      output: status === "SUCCEEDED" ? JSON.stringify(output) : null,
      outputDetails: { included: true },
    };
    const kind = "Step Functions Execution Status Change";
    emit({ source: "aws.states", "detail-type": kind, region, resources: [arn], detail });
  };

  /** Event 25,000 is the failure itself, which no Retry or Catch sees; a Lambda that is at work goes on. */
  const write = (execution: Execution, events: number) => {
    if (execution.status !== "RUNNING") return;
    execution.historyEvents += events;
    if (execution.historyEvents < historyMax) return;
    execution.historyEvents = historyMax;
    const abort = aborts.get(execution.arn);
    end(execution, "FAILED", historyFull);
    abort?.();
  };

  const end = (execution: Execution, status: Status, found: Partial<Execution>) => {
    if (execution.status !== "RUNNING") return;
    const historyEvents = Math.min(execution.historyEvents + 1, historyMax);
    Object.assign(execution, { ...found, status, historyEvents, endedAt: Date.now() });
    aborts.delete(execution.arn);
    tokens.forget(execution.arn);
    listen.ended?.(execution);
    tell(execution);
  };

  return {
    region,
    start,
    tokens,
    stateMachineArn: (machine: MachineName) =>
      `arn:aws:states:${region}:${account}:stateMachine:lifeboat-${machine}:live`,
    find: (arn: string) => all.get(arn) ?? null,
    byName: (machine: string, name: string) => all.get(arnOf(machine, name)) ?? null,
    /** Ends an execution from outside (StopExecution, or its TimeoutSeconds); a Lambda that is at work goes on. */
    stop: (arn: string, status: "ABORTED" | "TIMED_OUT" = "ABORTED") => {
      const execution = all.get(arn);
      const abort = aborts.get(arn);
      if (!execution || !abort) return;
      end(execution, status, {});
      abort();
    },
    all: () => [...all.values()],
    running: (machine?: MachineName) =>
      [...all.values()].filter((one) => one.status === "RUNNING" && (!machine || one.machine === machine)),
  };
};
export type ExecutionsOfRegion = ReturnType<typeof createExecutions>;

/** Every state entered and every retry is one transition [SFN pricing]; `write` gets each event of the history. */
const count = async (execution: Execution, logged: AsyncIterable<Logged>, write: (events: number) => void) => {
  try {
    for await (const event of logged) {
      if (event.type === "StateEntered" || event.type === "StateRetried") execution.transitions += 1;
      // the last event is written by the end itself
      if (!ends.has(event.type)) write(eventsOf(event));
    }
  } catch {
    // the log of a failed execution ends with its error, which `result` reports
  }
};

const ends = new Set(["ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimeout"]);

const failure = (error: Error, execution: Execution): [Status, Partial<Execution>] => {
  if (execution.status !== "RUNNING") return [execution.status, {}];
  const { name, message } = (error.cause ?? error) as Error;
  if (error.name === "ExecutionTimeoutError") return ["TIMED_OUT", { error: "States.Timeout" }];
  return ["FAILED", { error: name, cause: message }];
};
