import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Clients } from "../../functions/aws/calls/clients.ts";
import { functionName, machineName } from "../../functions/core/deployed-names.ts";
import type { Outside } from "../../functions/runtime/context.ts";
import { functionOfPlaceholder, readMachines } from "../../infra/machines.ts";
import { kebabCase } from "../../infra/names.ts";
import { handlers } from "../../simulator/machines/handlers.ts";
import { recovery } from "./shop.ts";

const account = "123456789012";
const arn = (service: string, kind: string, name: string) =>
  `arn:aws:${service}:${recovery}:${account}:${kind}:${name}`;

/** Creates the project's own machines, their placeholders filled in as CloudFormation does. */
export const createMachines = async (clients: Clients) => {
  for (const { name, definition, placeholders } of readMachines()) {
    const text = placeholders.reduce(
      (filled, placeholder) =>
        filled.replaceAll(
          `\${${placeholder}}`,
          arn("lambda", "function", functionName(functionOfPlaceholder(placeholder))),
        ),
      JSON.stringify(definition),
    );
    await clients(SFNClient, recovery).send(
      new CreateStateMachineCommand({
        name: machineName(name),
        definition: text,
        roleArn: `arn:aws:iam::${account}:role/${machineName(name)}`,
      }),
    );
  }
};

/** The project's handlers by the names of their functions, each a container of this outside. */
export const functionsIn = (outside: Outside) =>
  Object.fromEntries(
    Object.entries(handlers).map(([state, handler]) => [functionName(kebabCase(state)), handler.in(outside)]),
  );

/** Starts a machine as a person does, and waits for its end. */
export const run = async (
  clients: Clients,
  machine: string,
  name: string,
  input: Record<string, unknown>,
  secondsMax = 150,
): Promise<DescribeExecutionCommandOutput> => {
  const sfn = clients(SFNClient, recovery);
  const stateMachineArn = arn("states", "stateMachine", machineName(machine));
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
  );
  for (const until = Date.now() + secondsMax * 1_000; Date.now() < until; ) {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (found.status !== "RUNNING") return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${machine} ${name} did not end within ${secondsMax} s`);
};
