import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { type SimulatedExecution, stepFunctions, stepFunctionsOf } from "../../../simulator/machines/stepfunctions.ts";
import { endlessExecutions } from "../../support/endless-executions.ts";
import { simulated } from "../../support/simulated.ts";

const region = "eu-central-1";
const machineArn = (machine: string) => `arn:aws:states:${region}:111122223333:stateMachine:lifeboat-${machine}:live`;

const withMachines = <T>(body: (sfn: SFNClient, all: Map<string, SimulatedExecution>) => Promise<T>) => {
  const all = new Map<string, SimulatedExecution>();
  const services = { SFN: stepFunctions(endlessExecutions(region, all)) };
  return simulated({ services }, ({ clients }) => body(clients(SFNClient, region), all));
};
const start = (sfn: SFNClient, over = {}) =>
  sfn
    .send(
      new StartExecutionCommand({
        stateMachineArn: machineArn("failover"),
        name: "run-1",
        input: '{"application":"shop"}',
        ...over,
      }),
    )
    .catch((error) => error.name);

describe("StartExecution", () => {
  it("StartExecution starts by alias or by machine, and tells the same execution again while it runs with the same input", async () => {
    const [first, again, other] = await withMachines(async (sfn) => [
      await start(sfn),
      await start(sfn, { stateMachineArn: machineArn("failover").replace(":live", "") }),
      await start(sfn, { name: undefined }),
    ]);
    expect(again.executionArn).toBe(first.executionArn);
    expect(other.executionArn).not.toBe(first.executionArn);
  });

  it("StartExecution refuses a name with another input, and one whose execution has ended", async () => {
    const names = await withMachines(async (sfn, all) => {
      await start(sfn);
      const changed = await start(sfn, { input: "{}" });
      for (const execution of all.values()) execution.status = "SUCCEEDED";
      return [changed, await start(sfn)];
    });
    expect(names).toEqual(["ExecutionAlreadyExists", "ExecutionAlreadyExists"]);
  });

  it.each([
    ["InvalidName", { name: "a b" }],
    ["InvalidName", { name: "x".repeat(81) }],
    ["InvalidName", { name: "a:b" }],
    ["InvalidExecutionInput", { input: "{" }],
    ["StateMachineDoesNotExist", { stateMachineArn: machineArn("drill") }],
  ])("StartExecution is refused with %s for %j", async (expected, over) => {
    expect(await withMachines((sfn) => start(sfn, over))).toBe(expected);
  });
});

describe("DescribeExecution and StopExecution", () => {
  it("tell how an execution ended", async () => {
    const [running, stopped] = await withMachines(async (sfn) => {
      const { executionArn } = await start(sfn);
      const before = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      await sfn.send(new StopExecutionCommand({ executionArn, cause: "stopped by ann" }));
      return [before, await sfn.send(new DescribeExecutionCommand({ executionArn }))];
    });
    expect(running).toMatchObject({ status: "RUNNING", name: "run-1", input: '{"application":"shop"}' });
    expect(stopped).toMatchObject({ status: "ABORTED", stopDate: expect.any(Date), cause: "stopped by ann" });
  });

  it("DescribeExecution and StopExecution give the output, or the error and its cause", async () => {
    const answers = await withMachines(async (sfn, all) => {
      const { executionArn } = await start(sfn);
      Object.assign(all.get(executionArn)!, { status: "SUCCEEDED", endedAt: Date.now(), output: { done: true } });
      const good = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      Object.assign(all.get(executionArn)!, { status: "FAILED", error: "RefusedError", cause: "{}" });
      return [good, await sfn.send(new DescribeExecutionCommand({ executionArn }))];
    });
    expect(answers).toMatchObject([{ output: '{"done":true}' }, { error: "RefusedError", cause: "{}" }]);
  });

  it("DescribeExecution and StopExecution do not know what was never started", async () => {
    const name = await withMachines((sfn) =>
      sfn
        .send(new DescribeExecutionCommand({ executionArn: "arn:aws:states:eu-central-1:111122223333:execution:a:b" }))
        .catch((error) => error.name),
    );
    expect(name).toBe("ExecutionDoesNotExist");
  });
});

describe("SendTaskSuccess and SendTaskFailure", () => {
  const taskToken = "arn:aws:states:eu-central-1:111122223333:execution:lifeboat-replicate:run-1#task-1";
  const ask = (command: SendTaskSuccessCommand | SendTaskFailureCommand) =>
    withMachines((sfn) => sfn.send(command as SendTaskSuccessCommand).catch((error) => error.name));

  it("SendTaskSuccess and SendTaskFailure are refused for a token that no task waits for", async () => {
    expect(await ask(new SendTaskSuccessCommand({ taskToken, output: "{}" }))).toBe("TaskDoesNotExist");
    expect(await ask(new SendTaskFailureCommand({ taskToken }))).toBe("TaskDoesNotExist");
    expect(await ask(new SendTaskSuccessCommand({ taskToken: "none", output: "{}" }))).toBe("InvalidToken");
  });

  it("SendTaskSuccess and SendTaskFailure take an output only when it is JSON", async () => {
    expect(await ask(new SendTaskSuccessCommand({ taskToken, output: "{" }))).toBe("InvalidOutput");
  });
});

it("has machines only in the Regions of the controllers", async () => {
  const executions = endlessExecutions(region, new Map());
  const SFN = stepFunctionsOf((where) => (where === region ? executions : undefined));
  const told = await simulated({ services: { SFN } }, async ({ clients }) => [
    (await start(clients(SFNClient, region))).executionArn,
    await start(clients(SFNClient, "us-west-2")),
  ]);
  expect(told).toEqual([expect.stringContaining(`:${region}:`), "StateMachineDoesNotExist"]);
});
