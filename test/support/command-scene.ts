import { onTestFinished } from "vitest";
import { program } from "../../cli/program.ts";
import type { Call, Reply, Watch } from "../../functions/aws/calls/clients.ts";
import { createStore } from "../../functions/aws/store/store.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { createContext } from "../../functions/runtime/context.ts";
import { createOutput } from "../../terminal/output.ts";
import type { Outside } from "../../terminal/outside.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";
import { anOutside } from "./context.ts";
import { aTable } from "./memory-table.ts";

type Answer = Record<string, unknown> | Error | ((call: Call) => unknown);

export const planFile = "test/simulation/two-servers.yml";

/** An error as AWS gives it. */
export const awsError = (name: string, message = name) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

/**
 * The command line before an account of which only `answers` (by operation) are known, with a table in memory. Every
 * call that reaches AWS is in `calls`; what a terminal would answer is `typed`, null when there is no terminal.
 */
export const aCommandScene = async ({
  answers = {},
  typed = null,
  terminal = false,
  deployed = true,
}: {
  answers?: Record<string, Answer>;
  typed?: string | null;
  terminal?: boolean;
  deployed?: boolean;
} = {}) => {
  const table = aTable();
  const store = createStore(table);
  const plan: Plan = readPlanOrThrow(planFile);
  if (deployed) await store.savePlan(plan);
  const calls: string[] = [];
  const asked: string[] = [];
  const waited: number[] = [];
  const interrupts: (() => void)[] = [];
  const aws: Watch = async (call): Promise<Reply> => {
    calls.push(`${call.operation} ${call.region}`);
    const answer = answers[call.operation];
    const found = typeof answer === "function" ? (answer as (call: Call) => unknown)(call) : answer;
    if (found instanceof Error) throw found;
    if (found === undefined) throw new Error(`no answer to ${call.operation}`);
    return { output: { $metadata: {}, ...(found as object) }, response: {} };
  };
  const outside: Outside = {
    contextOf: (_plan, { watches = [] }) => {
      const context = createContext(anOutside({ watches: [...watches, aws] }));
      return { ...context, table, store };
    },
    accountOf: async () => "111122223333",
    ask: async (question) => {
      asked.push(question);
      return typed;
    },
    wait: async (milliseconds) => void waited.push(milliseconds),
    onInterrupt: (tell) => {
      interrupts.push(tell);
      return () => void interrupts.splice(interrupts.indexOf(tell), 1);
    },
    user: () => "ann",
  };
  const run = async (...args: string[]) => {
    const [out, error]: [string[], string[]] = [[], []];
    const stream = (lines: string[]) => ({ isTTY: terminal, write: (text: string) => lines.push(text) > 0 }) as never;
    const noColour = true;
    const code = await program(args, createOutput(stream(out), stream(error), noColour), outside);
    return { code, out: out.join(""), error: error.join("") };
  };
  onTestFinished(() => table.items.clear());
  return { run, calls, asked, waited, interrupts, store, table, plan };
};

/** The answers of Step Functions to an execution that ends at once like this. */
export const anExecution = (
  end: { status?: string; output?: unknown; error?: string; cause?: string },
  events: { state: string; output: unknown }[] = [],
): Record<string, Answer> => ({
  StartExecution: ({ input }: Call) => ({ executionArn: `${input.stateMachineArn}:${input.name}` }),
  DescribeExecution: {
    status: "SUCCEEDED",
    startDate: new Date("2026-03-02T12:00:00Z"),
    stopDate: new Date("2026-03-02T12:03:20Z"),
    ...end,
    output: JSON.stringify(end.output ?? {}),
  },
  GetExecutionHistory: {
    events: events
      .map(({ state, output }, index) => ({
        id: index + 1,
        type: "TaskStateExited",
        timestamp: new Date(0),
        stateExitedEventDetails: { name: state, output: JSON.stringify(output) },
      }))
      .reverse(),
  },
});
