/** The Step Functions API. */

import { isDeepStrictEqual } from "node:util";
import type {
  DescribeExecutionInput,
  SendTaskFailureInput,
  SendTaskSuccessInput,
  StartExecutionInput,
  StopExecutionInput,
} from "@aws-sdk/client-sfn";
import { AwsError, type Operation } from "../kernel.ts";
import type { MachineName } from "./executions.ts";
import type { TaskTokens } from "./task-tokens.ts";

export type SimulatedExecution = {
  machine: string;
  arn: string;
  name: string;
  input: unknown;
  startedAt: number;
  endedAt: number | null;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  output: unknown;
  error: string | null;
  cause: string | null;
};

/** What interprets the machines of one Region; `machine` is the name of the ASL file. */
export type Executions = {
  /** ARN of the alias through which a machine is started. */
  stateMachineArn(machine: MachineName): string;
  start(machine: MachineName, name: string, input: unknown): SimulatedExecution;
  find(arn: string): SimulatedExecution | null;
  byName(machine: string, name: string): SimulatedExecution | null;
  /** Ends it as ABORTED at once. */
  stop(arn: string): void;
  tokens: TaskTokens;
};

const machines = ["replicate", "rotate", "failover", "close", "answer"] as const;
const alias = /:[^:]*$/;

/** Step Functions' API in every Region that has machines; in the others there are none. */
export const stepFunctionsOf = (executionsIn: (region: string) => Executions | undefined): Record<string, Operation> =>
  Object.fromEntries(
    (["StartExecution", "DescribeExecution", "StopExecution", "SendTaskSuccess", "SendTaskFailure"] as const).map(
      (name) => [
        name,
        (input, at) => {
          const executions = executionsIn(at.region);
          if (!executions) throw new AwsError("StateMachineDoesNotExist", `${at.region} has no state machine`);
          return stepFunctions(executions)[name]!(input, at);
        },
      ],
    ),
  );

/** Step Functions' API over what interprets the machines of one Region. */
export const stepFunctions = (executions: Executions): Record<string, Operation> => ({
  StartExecution: (input: StartExecutionInput, { world }) => {
    const arn = input.stateMachineArn ?? "";
    const machine = machines.find((name) => {
      const live = executions.stateMachineArn(name);
      return arn === live || arn === live.replace(alias, "");
    });
    if (!machine) throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    const name = input.name ?? world.id("execution");
    // Names: 1 to 80 characters, no white space, brackets, wildcards, nor "#%\^|~`$&,;:/ [SDK SFN: StartExecution]
    if (!/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u.test(name))
      throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
    const given = parse(input.input);

    const known = executions.byName(machine, name);
    if (!known) return started(executions.start(machine, name, given));
    if (known.status === "RUNNING" && isDeepStrictEqual(parse(JSON.stringify(known.input)), given))
      return started(known);
    throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${known.arn}'`);
  },

  DescribeExecution: (input: DescribeExecutionInput) => {
    const found = find(executions, input.executionArn);
    return {
      executionArn: found.arn,
      stateMachineArn: executions.stateMachineArn(found.machine as "failover").replace(alias, ""),
      name: found.name,
      status: found.status,
      startDate: new Date(found.startedAt),
      input: JSON.stringify(found.input),
      ...(found.endedAt !== null && { stopDate: new Date(found.endedAt) }),
      ...(found.status === "SUCCEEDED" && { output: JSON.stringify(found.output ?? null) }),
      ...(found.error !== null && { error: found.error }),
      ...(found.cause !== null && { cause: found.cause }),
    };
  },

  StopExecution: (input: StopExecutionInput, { world }) => {
    const found = find(executions, input.executionArn);
    if (found.status === "RUNNING") {
      executions.stop(found.arn);
      Object.assign(found, { error: input.error ?? null, cause: input.cause ?? null });
    }
    return { stopDate: new Date(found.endedAt ?? world.now()) };
  },

  SendTaskSuccess: ({ taskToken, output }: SendTaskSuccessInput) => {
    executions.tokens.succeed(taskToken, parse(output, "InvalidOutput"));
    return {};
  },

  SendTaskFailure: ({ taskToken, error, cause }: SendTaskFailureInput) => {
    executions.tokens.fail(taskToken, error ?? "", cause ?? "");
    return {};
  },
});

const started = ({ arn, startedAt }: SimulatedExecution) => ({ executionArn: arn, startDate: new Date(startedAt) });

const find = (executions: Executions, arn = "") => {
  const found = executions.find(arn);
  if (found) return found;
  throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
};

const parse = (text: string | undefined, problem = "InvalidExecutionInput"): unknown => {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    throw new AwsError(problem, "expected JSON");
  }
};
