import {
  DescribeInstanceAttributeCommand,
  DescribeInstanceCreditSpecificationsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  EC2Client,
  type Filter,
  type Instance,
  type InstanceStateChange,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { batchesOf } from "../../core/batches.ts";
import type { Clients, Patience } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";
import { unlessGone } from "../calls/gone.ts";
import { tryRight } from "../calls/try-right.ts";

export type { Instance } from "@aws-sdk/client-ec2";

/** Those whose data is there to be protected: a server that someone restarts just now is no less one of them. */
const livingStates = ["pending", "running", "stopping", "stopped"];

/** Every instance that matches all filters, over all pages. */
export const describeInstances = async (
  clients: Clients,
  region: string,
  filters: Filter[],
  patience: Patience = "standard",
): Promise<Instance[]> => {
  const ec2 = clients(EC2Client, region, patience);
  const ask = (page: object) => ec2.send(new DescribeInstancesCommand({ MaxResults: 1000, ...page }));
  const found: Instance[] = [];
  for await (const { Reservations = [] } of pagesOf(filters, ask))
    found.push(...Reservations.flatMap(({ Instances }) => Instances ?? []));
  return found;
};

/** A filter value that stands for itself: `*` and `?` are wildcards to EC2, and a backslash makes them plain. [SDK EC2: Filter] */
const literal = (value: string) => value.replace(/[\\*?]/g, "\\$&");

/** The living instances that have all of a selection's tags, these values and no others. */
export const describeSelected = (
  clients: Clients,
  region: string,
  tags: Record<string, string>,
  patience: Patience = "standard",
): Promise<Instance[]> =>
  describeInstances(
    clients,
    region,
    [
      ...Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [literal(value)] })),
      { Name: "instance-state-name", Values: livingStates },
    ],
    patience,
  );

/**
 * The instances with these ids that EC2 shows now: asked by filter, because by id one unknown (or not yet visible)
 * instance would hide all others behind InvalidInstanceID.NotFound. [EC2dev:eventual-consistency]
 */
export const describeInstancesById = (
  clients: Clients,
  region: string,
  ids: string[],
  patience: Patience = "standard",
): Promise<Instance[]> => describeInstances(clients, region, [{ Name: "instance-id", Values: ids }], patience);

/**
 * Starts one instance. `ClientToken` is required: the same token gives the first reply again. Patience `single`, because a
 * lack of capacity is a 500, which the SDK would ask for four times, and because the caller has to see each throttle.
 */
export const runInstances = async (
  clients: Clients,
  region: string,
  input: RunInstancesCommandInput & { ClientToken: string },
): Promise<Instance> => {
  const { Instances } = await clients(EC2Client, region, "single").send(new RunInstancesCommand(input));
  const [instance] = Instances ?? [];
  if (!instance) throw new Error(`RunInstances in ${region} gave no instance for ${input.ClientToken}`);
  return instance;
};

/** Would EC2 let the caller launch this? Nothing is made. A lack of capacity or a quota is not asked for. [SDK EC2: RunInstancesRequest] */
export const tryRun = (clients: Clients, region: string, input: RunInstancesCommandInput) =>
  tryRight("ec2:RunInstances", region, () =>
    clients(EC2Client, region, "once").send(new RunInstancesCommand({ ...input, DryRun: true })),
  );

/**
 * Asks them to stop; gives the state that each is in now. `force` ends a shutdown that hangs. Repeatable. One server that may not be
 * stopped (OperationNotPermitted, UnsupportedOperation) refuses all.
 */
export const stopInstances = async (
  clients: Clients,
  region: string,
  ids: string[],
  patience: Patience = "standard",
  how: "properly" | "force" = "properly",
): Promise<InstanceState[]> => {
  const { StoppingInstances } = await clients(EC2Client, region, patience).send(
    new StopInstancesCommand({ InstanceIds: ids, ...(how === "force" && { Force: true }) }),
  );
  return (StoppingInstances ?? []).map(stateOf);
};

/** May the caller stop this one? It goes on running. One that is protected is none the less the caller's to stop. */
export const tryStop = (clients: Clients, region: string, id: string) =>
  tryRight(
    "ec2:StopInstances",
    region,
    () => clients(EC2Client, region, "optional").send(new StopInstancesCommand({ InstanceIds: [id], DryRun: true })),
    ["OperationNotPermitted", "UnsupportedOperation"],
  );

/** Asks them to start; gives the state that each is in now. Repeatable. */
export const startInstances = async (
  clients: Clients,
  region: string,
  ids: string[],
  patience: Patience = "standard",
): Promise<InstanceState[]> => {
  const { StartingInstances } = await clients(EC2Client, region, patience).send(
    new StartInstancesCommand({ InstanceIds: ids }),
  );
  return (StartingInstances ?? []).map(stateOf);
};
export type InstanceState = { id: string; state: string };

/** Whether StopInstances is refused for it. [EC2:ec2-stop-protection] */
export const isStopProtected = async (
  clients: Clients,
  region: string,
  id: string,
  patience: Patience = "standard",
): Promise<boolean> => {
  const { DisableApiStop } = await clients(EC2Client, region, patience).send(
    new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: "disableApiStop" }),
  );
  return DisableApiStop?.Value ?? false;
};

/** User data of an instance, base64, or null when it has none. */
export const userDataOf = async (
  clients: Clients,
  region: string,
  id: string,
  patience: Patience = "standard",
): Promise<string | null> => {
  const { UserData } = await clients(EC2Client, region, patience).send(
    new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: "userData" }),
  );
  return UserData?.Value || null;
};

/**
 * CPU credits, standard or unlimited, of these burstable instances, by id; another one makes EC2 refuse the call.
 * [SDK EC2: DescribeInstanceCreditSpecificationsRequest]
 */
export const creditsOf = async (clients: Clients, region: string, ids: string[]): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const InstanceIds of batchesOf(ids, creditsPerCall)) {
    const page = await clients(EC2Client, region).send(
      new DescribeInstanceCreditSpecificationsCommand({ InstanceIds }),
    );
    for (const { InstanceId = "", CpuCredits } of page.InstanceCreditSpecifications ?? [])
      if (CpuCredits) found.set(InstanceId, CpuCredits);
  }
  return found;
};
const creditsPerCall = 1_000;

/**
 * Lets an instance forward what is meant for others, as routers do. RunInstances has no word for it. Repeatable; with
 * several interfaces EC2 wants one of them named. [SDK EC2: ModifyInstanceAttributeRequest]
 */
export const forwardForOthers = async (clients: Clients, region: string, id: string): Promise<void> => {
  await clients(EC2Client, region).send(
    new ModifyInstanceAttributeCommand({ InstanceId: id, SourceDestCheck: { Value: false } }),
  );
};

/** Both status checks of an instance: `ok`, `initializing`, `impaired`, ... */
export type StatusChecks = { system: string; instance: string };

/** The status checks of every running instance of the Region: paged and filtered, which takes from the larger bucket. [EC2dev:ec2-api-throttling] */
export const listStatuses = async (clients: Clients, region: string): Promise<Map<string, StatusChecks>> => {
  const found = new Map<string, StatusChecks>();
  let NextToken: string | undefined;
  do {
    const page = await clients(EC2Client, region).send(
      new DescribeInstanceStatusCommand({
        Filters: [{ Name: "instance-state-name", Values: ["running"] }],
        MaxResults: 1000,
        NextToken,
      }),
    );
    for (const { InstanceId = "", SystemStatus, InstanceStatus } of page.InstanceStatuses ?? [])
      found.set(InstanceId, {
        system: SystemStatus?.Status ?? "unknown",
        instance: InstanceStatus?.Status ?? "unknown",
      });
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};

const stateOf = (change: InstanceStateChange): InstanceState => ({
  id: change.InstanceId ?? "",
  state: change.CurrentState?.Name ?? "unknown",
});

/** Ends these instances for good; one that is gone already is no error. Repeatable. */
export const terminateInstances = async (clients: Clients, region: string, ids: string[]): Promise<void> => {
  for (const id of ids) {
    const isThere = async () =>
      (await describeInstancesById(clients, region, [id])).some(({ State }) => State?.Name !== "terminated");
    const command = new TerminateInstancesCommand({ InstanceIds: [id] });
    await unlessGone(() => clients(EC2Client, region).send(command), ["InvalidInstanceID.NotFound"], isThere);
  }
};
