/** The EC2 API of running instances: describe, status checks, attributes, start, stop and terminate. */

import type {
  DescribeInstanceAttributeRequest,
  DescribeInstanceCreditSpecificationsRequest,
  DescribeInstanceStatusRequest,
  DescribeInstancesRequest,
  ModifyInstanceAttributeRequest,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from "@aws-sdk/client-ec2";
import { drawn, statusChecksSeconds } from "../../durations.ts";
import { AwsError, type Services, type World } from "../../kernel.ts";
import { insufficientCapacity } from "../capacity.ts";
import { list } from "../listing.ts";
import { isStopProtected, refuseStop, terminable } from "../protection.ts";
import { ec2Of, type Instance, type InstanceState, known } from "../state.ts";
import { boot, forceStop, stop, terminate } from "./lifecycle.ts";
import { codeOfState, instanceFields, shapeOf, stateOf } from "./shape.ts";

/** Ids of one DescribeInstanceStatus, and its filters as far as they are simulated. [SDK EC2: DescribeInstanceStatusRequest] */
const statusIdsMax = 100;
const statusFilters = ["availability-zone", "instance-state-name"];

export const instances: Services["EC2"] & object = {
  DescribeInstances(input: DescribeInstancesRequest, { world, region }) {
    if (input.InstanceIds?.length && input.MaxResults !== undefined)
      throw new AwsError("InvalidParameterCombination", "The parameter instancesSet cannot be used with maxResults");
    const from = wanted(world, region, input.InstanceIds);
    const { items, NextToken } = list(world, from, instanceFields(world, region), input);
    const Reservations = items.map((instance) => ({
      ReservationId: instance.id.replace(/^i-/, "r-"),
      OwnerId: "111122223333",
      Instances: [shapeOf(world, region, instance)],
    }));
    return { Reservations, NextToken };
  },

  DescribeInstanceAttribute({ InstanceId, Attribute }: DescribeInstanceAttributeRequest, { world, region }) {
    const instance = known(world, ec2Of(world, region).instances, InstanceId, "instance");
    if (Attribute === "disableApiStop")
      return { InstanceId, DisableApiStop: { Value: isStopProtected(world, instance) } };
    if (Attribute === "disableApiTermination")
      return { InstanceId, DisableApiTermination: { Value: instance.terminationProtected } };
    if (Attribute === "instanceInitiatedShutdownBehavior")
      return {
        InstanceId,
        InstanceInitiatedShutdownBehavior: { Value: instance.options?.InstanceInitiatedShutdownBehavior ?? "stop" },
      };
    if (Attribute !== "userData") throw new Error(`the simulator has no instance attribute ${Attribute}`);
    return { InstanceId, UserData: instance.userData === null ? {} : { Value: instance.userData } };
  },

  ModifyInstanceAttribute({ InstanceId, SourceDestCheck }: ModifyInstanceAttributeRequest, { world, region }) {
    const instance = known(world, ec2Of(world, region).instances, InstanceId, "instance");
    if (SourceDestCheck?.Value === undefined) throw new Error("the simulator changes SourceDestCheck alone");
    instance.options = { ...instance.options, sourceDestCheck: SourceDestCheck.Value };
    return {};
  },

  DescribeInstanceCreditSpecifications(
    { InstanceIds }: DescribeInstanceCreditSpecificationsRequest,
    { world, region },
  ) {
    const from = wanted(world, region, InstanceIds);
    const steady = from.find(({ type }) => !/^t\d/.test(type));
    if (steady)
      throw new AwsError("InvalidInstanceID.NotFound", `${steady.id} is not a burstable performance instance`);
    const InstanceCreditSpecifications = from.map(({ id, type, options }) => ({
      InstanceId: id,
      // [EC2: burstable-credits-baseline-concepts]
      CpuCredits: options?.CreditSpecification?.CpuCredits ?? (type.startsWith("t2.") ? "standard" : "unlimited"),
    }));
    return { InstanceCreditSpecifications };
  },

  /** Only running instances unless IncludeAllInstances. No filter for ids or tags. [SDK EC2: DescribeInstanceStatusRequest] */
  DescribeInstanceStatus(input: DescribeInstanceStatusRequest, { world, region }) {
    const { InstanceIds = [], MaxResults, Filters = [] } = input;
    if (InstanceIds.length && MaxResults !== undefined)
      throw new AwsError("InvalidParameterCombination", "The parameter instancesSet cannot be used with maxResults");
    if (InstanceIds.length > statusIdsMax)
      throw new AwsError("InvalidParameterValue", `At most ${statusIdsMax} instance IDs may be specified`);
    const unknown = Filters.find(({ Name = "" }) => !statusFilters.includes(Name));
    if (unknown) throw new AwsError("InvalidParameterValue", `The filter '${unknown.Name}' is invalid`);
    const from = wanted(world, region, input.InstanceIds).filter(
      ({ state }) => input.IncludeAllInstances || state === "running",
    );
    const { items, NextToken } = list(world, from, instanceFields(world, region), input);
    const InstanceStatuses = items.map((instance) => {
      const Status = checksOf(world, instance);
      const InstanceState = { Code: codeOfState[instance.state], Name: instance.state };
      return { InstanceId: instance.id, InstanceState, SystemStatus: { Status }, InstanceStatus: { Status } };
    });
    return { InstanceStatuses, NextToken };
  },

  StopInstances({ InstanceIds = [], Force }: StopInstancesRequest, { world, region }) {
    const check = (instances: Instance[]) => refuseStop(world, instances);
    const changes = each(
      world,
      region,
      InstanceIds,
      { from: ["running", "stopping", "stopped"], check },
      (instance) => {
        if (instance.state === "running") stop(world, region, instance);
        if (instance.state === "stopping" && Force) forceStop(world, region, instance);
      },
    );
    return { StoppingInstances: changes };
  },

  StartInstances({ InstanceIds = [] }: StartInstancesRequest, { world, region }) {
    const changes = each(world, region, InstanceIds, { from: ["stopped", "pending", "running"] }, (instance) => {
      if (instance.state !== "stopped") return;
      const { zone } = ec2Of(world, region).subnets.get(instance.subnet)!;
      if (!world.faults.hasCapacity(instance.type, zone, world.now())) throw insufficientCapacity(instance.type, zone);
      boot(world, region, instance);
    });
    return { StartingInstances: changes };
  },

  TerminateInstances({ InstanceIds = [] }: TerminateInstancesRequest, { world, region }) {
    const { may, refusal } = terminable(world, region, InstanceIds);
    const changes = each(world, region, may, {}, (instance) => {
      if (instance.state !== "shutting-down" && instance.state !== "terminated") terminate(world, region, instance);
    });
    if (refusal) throw refusal;
    return { TerminatingInstances: changes };
  },
};

const wanted = (world: World, region: string, ids: string[] = []): Instance[] => {
  const { instances } = ec2Of(world, region);
  for (const id of ids) known(world, instances, id, "instance");
  return [...instances.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
};

/** All of them or, when one is unknown, in another state than `from`, or refused by `check`, none. */
const each = (
  world: World,
  region: string,
  ids: string[],
  { from, check }: { from?: InstanceState[]; check?: (instances: Instance[]) => void },
  change: (instance: Instance) => void,
) => {
  const found = ids.map((id) => known(world, ec2Of(world, region).instances, id, "instance"));
  const wrong = found.find(({ state }) => from && !from.includes(state));
  if (wrong)
    throw new AwsError(
      "IncorrectInstanceState",
      `The instance '${wrong.id}' is not in a state from which it can be ${from?.[0] === "stopped" ? "started" : "stopped"}.`,
    );
  check?.(found);
  return found.map((instance) => {
    const PreviousState = stateOf(instance);
    change(instance);
    return { InstanceId: instance.id, PreviousState, CurrentState: stateOf(instance) };
  });
};

const checksOf = (world: World, { id, state, runningAt }: Instance) => {
  if (state !== "running" || runningAt === null) return "not-applicable";
  const seconds = drawn(world.random.fork(`checks ${id} ${runningAt}`), statusChecksSeconds);
  return world.now() >= runningAt + seconds * 1_000 ? "ok" : "initializing";
};
