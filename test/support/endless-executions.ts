import type { Executions, SimulatedExecution } from "../../simulator/machines/stepfunctions.ts";
import { createTaskTokens } from "../../simulator/machines/task-tokens.ts";

/**
 * Executions that run until they are stopped, or ended by the test through `all`: for a simulated Step Functions
 * without an interpreter.
 */
export const endlessExecutions = (region: string, all = new Map<string, SimulatedExecution>()): Executions => {
  const arnOf = (kind: string, machine: string) => `arn:aws:states:${region}:111122223333:${kind}:lifeboat-${machine}`;
  return {
    tokens: createTaskTokens(),
    stateMachineArn: (machine) => `${arnOf("stateMachine", machine)}:live`,
    start(machine, name, input) {
      const arn = `${arnOf("execution", machine)}:${name}`;
      const execution: SimulatedExecution = {
        machine,
        arn,
        name,
        input,
        startedAt: Date.now(),
        status: "RUNNING",
        endedAt: null,
        output: null,
        error: null,
        cause: null,
      };
      all.set(arn, execution);
      return execution;
    },
    find: (arn) => all.get(arn) ?? null,
    byName: (machine, name) => all.get(`${arnOf("execution", machine)}:${name}`) ?? null,
    stop: (arn) => Object.assign(all.get(arn)!, { status: "ABORTED", endedAt: Date.now() }),
  };
};
