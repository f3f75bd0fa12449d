import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { batchesOf } from "../core/batches.ts";
import type { Group } from "../core/fence/auto-scaling-groups.ts";
import type { Clients } from "./calls/clients.ts";
import { tryRight } from "./calls/try-right.ts";

/** Names in one request, and groups in one page. [SDK Auto Scaling: AutoScalingGroupNamesType] */
const namesMax = 100;

/** The groups of these names that exist, with the processes that are suspended now; by short calls (invariant 3). */
export const describeGroups = async (clients: Clients, region: string, names: string[]): Promise<Group[]> => {
  const found: Group[] = [];
  for (const AutoScalingGroupNames of batchesOf(names, namesMax)) {
    let NextToken: string | undefined;
    do {
      const page = await clients(AutoScalingClient, region, "optional").send(
        new DescribeAutoScalingGroupsCommand({
          AutoScalingGroupNames,
          MaxRecords: namesMax,
          NextToken,
        }),
      );
      for (const { AutoScalingGroupName = "", SuspendedProcesses = [] } of page.AutoScalingGroups ?? [])
        found.push({
          name: AutoScalingGroupName,
          suspended: SuspendedProcesses.map(({ ProcessName = "" }) => ProcessName),
        });
      NextToken = page.NextToken;
    } while (NextToken);
  }
  return found;
};

/** Repeatable: a process that is suspended stays so. */
export const suspendProcesses = async (clients: Clients, region: string, group: string, processes: string[]) => {
  await clients(AutoScalingClient, region, "optional").send(
    new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: processes }),
  );
};

/** Repeatable, as suspending is. */
export const resumeProcesses = async (clients: Clients, region: string, group: string, processes: string[]) => {
  await clients(AutoScalingClient, region, "optional").send(
    new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: processes }),
  );
};

/** May the caller suspend groups? Tried at one that is not there: `lifeboat-proof`. */
export const trySuspend = (clients: Clients, region: string) =>
  tryRight(
    "autoscaling:SuspendProcesses",
    region,
    () => suspendProcesses(clients, region, "lifeboat-proof", ["Launch"]),
    ["ValidationError"],
  );
