import type { Run } from "../../functions/core/model/run.ts";
import type { Context } from "../../functions/runtime/context.ts";
import { AwsError } from "../../simulator/kernel.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { aPlan, aRun } from "./builders.ts";
import { simulated } from "./simulated.ts";

export const arn = (name: string) => `arn:aws:states:eu-central-1:111122223333:execution:lifeboat-failover:${name}`;
/** A run of the shop under its own execution. */
export const aRunCalled = (name: string, over: Partial<Run> = {}) => aRun({ id: arn(name), name, ...over });
export const [first, second] = [aRunCalled("first"), aRunCalled("second")];
export const aPass = (name: string) => aRunCalled(name, { machine: "replicate" });
export const points = { web: "web.20260302T113000Z" };
/** How a run ends that changed nothing. */
export const nothing = { phase: "protected", lastRun: null } as const;

type Scene = {
  context: Context;
  /** Execution name -> how it ended; an execution that is not there runs. */
  ended: Map<string, { status: string; at: number }>;
  advance(seconds: number): Promise<void>;
  row(): ReturnType<Context["store"]["row"]>;
};

/** The application's row in a simulated table, and executions that run until the case ends them. */
export const scene = <T>(body: (scene: Scene) => Promise<T>, { seed = 1, faults = [] as Fault[] } = {}) => {
  const ended: Scene["ended"] = new Map();
  const SFN = {
    DescribeExecution: ({ executionArn }: { executionArn: string }) => {
      const name = executionArn.split(":").at(-1)!;
      if (name === "forgotten")
        throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
      if (name === "unreadable") throw new AwsError("AccessDeniedException", "not authorized");
      const end = ended.get(name);
      return end ? { status: end.status, stopDate: new Date(end.at) } : { status: "RUNNING" };
    },
  };
  return simulated({ seed, faults, services: { SFN } }, async ({ context, advance }) => {
    await context.store.savePlan(aPlan());
    return body({ context, ended, advance, row: () => context.store.row("shop") });
  });
};
