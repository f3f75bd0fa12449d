import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { createStore } from "../../functions/aws/store/store.ts";
import { createTable } from "../../functions/aws/store/table.ts";
import { takeoverAlarmName } from "../../functions/core/names.ts";
import type { MachineName } from "../../simulator/machines/executions.ts";
import { root, environment as variables } from "../moto/processes.ts";
import { account, awsAt, type E2ePorts } from "./emulators.ts";
import { startGateway } from "./gateway.ts";
import { startOuterWorld } from "./outer-world.ts";
import { host, oldAddress, populate, recovery } from "./populate.ts";

const arnOf = (machine: MachineName) => `arn:aws:states:${recovery}:${account}:stateMachine:lifeboat-${machine}`;
const second = () => new Promise((resolve) => setTimeout(resolve, 1_000));

/** Everything of a test: the gateway to the emulators that run.ts has started, what is outside of AWS, and a populated account. */
export const createEnvironment = async (action: Parameters<typeof populate>[1]) => {
  const { E2E_PORTS: text, E2E_FOLDER: folder } = process.env;
  if (!text || !folder) throw new Error("start this suite by npm run test:e2e");
  const ports: E2ePorts = JSON.parse(text);
  const [gateway, world] = [await startGateway(ports, join(folder, "calls.log")), await startOuterWorld(ports.world)];
  const clients = createClients([], {
    endpoint: `http://127.0.0.1:${ports.gateway}`,
    credentials: { accessKeyId: account, secretAccessKey: "e2e" },
    forcePathStyle: true,
  });
  const populated = await populate(clients, action);
  const planFile = join(folder, "notes.yml");
  writeFileSync(planFile, populated.plan);
  const following = nameService(clients, world.names, populated.address);
  const sfn = clients(SFNClient, recovery);

  const environment = {
    ports,
    clients,
    gateway,
    world,
    populated,
    store: createStore(createTable(clients, recovery, "lifeboat")),

    /** `npm run deploy` as a person runs it; gives what it printed. */
    async deploy(...flags: string[]) {
      const args = ["infra/deploy.ts", "--plan", planFile, "--yes", ...flags];
      const own = variables(awsAt(ports.gateway));
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env: own });
      return stdout;
    },

    /** Starts an execution through the alias, as everything does that starts one. */
    start: async (machine: MachineName, input: object) => {
      const given = { stateMachineArn: `${arnOf(machine)}:live`, input: JSON.stringify(input) };
      return (await sfn.send(new StartExecutionCommand(given))).executionArn!;
    },

    /** Waits for the end of an execution; gives its status with the states that it entered and what failed in it. */
    async ended(executionArn: string, secondsMax: number) {
      for (const until = Date.now() + secondsMax * 1_000; Date.now() < until; await second()) {
        const { status = "", error, cause, stopDate } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (status === "RUNNING") continue;
        const { states, failed } = await environment.history(executionArn);
        return {
          status,
          error,
          stoppedAt: stopDate!.getTime(),
          states,
          told: `${error ?? ""} ${cause ?? ""} ${failed.join("; ")}`,
        };
      }
      const { states, failed } = await environment.history(executionArn);
      throw new Error(`${executionArn} still runs after ${secondsMax} s: ${states.join(" ")} ${failed.join("; ")}`);
    },

    async history(executionArn: string) {
      const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }));
      return {
        states: events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
        failed: events.flatMap(({ taskFailedEventDetails: one }) => (one ? `${one.error}: ${one.cause}` : [])),
      };
    },

    /** Waits for an execution that something else starts, at `from` (ms) or later. */
    async started(machine: MachineName, secondsMax: number, from: number) {
      for (const until = Date.now() + secondsMax * 1_000; Date.now() < until; await second()) {
        const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: arnOf(machine) }));
        const found = executions.find(({ startDate }) => startDate!.getTime() >= from);
        if (found) return found.executionArn!;
      }
      throw new Error(`nothing has started ${machine} within ${secondsMax} s`);
    },

    /** Subject and text of everything that the topics were given, in order. */
    messages: () =>
      gateway.calls.flatMap(({ service, operation, params }) =>
        service === "sns" && operation === "Publish" ? `${params.get("Subject")}\n${params.get("Message")}` : [],
      ),

    async stop() {
      clearInterval(following);
      await Promise.all([gateway.stop(), world.stop()]);
    },
  };
  return environment;
};
export type Environment = Awaited<ReturnType<typeof createEnvironment>>;

/**
 * Route 53 in a few lines: neither emulator answers questions or lets a health check turn an answer, so the name has the address of
 * the side that the alarm of the switch says.
 */
const nameService = (clients: ReturnType<typeof createClients>, names: Map<string, string[]>, newAddress: string) => {
  names.set("example.com NS", ["ns-1.example.net"]);
  names.set("ns-1.example.net A", ["192.0.2.53"]);
  names.set(`${host} A`, [oldAddress]);
  const look = async () => {
    const { MetricAlarms: [found] = [] } = await clients(CloudWatchClient, recovery).send(
      new DescribeAlarmsCommand({ AlarmNames: [takeoverAlarmName("notes")] }),
    );
    if (found) names.set(`${host} A`, [found.StateValue === "ALARM" ? newAddress : oldAddress]);
  };
  return setInterval(() => void look().catch(() => undefined), 1_000);
};
