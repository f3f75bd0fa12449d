/** EC2 Auto Scaling groups. */

import type { AutoScalingGroupNamesType, ScalingProcessQuery } from "@aws-sdk/client-auto-scaling";
import { boot, terminate } from "../ec2/instances/lifecycle.ts";
import { addNetworkInterface, takeAddress } from "../ec2/network.ts";
import { ec2Of, type Instance, kept } from "../ec2/state.ts";
import { addVolume } from "../ec2/storage/volumes.ts";
import { AwsError, account, isoOf, type Operation, type World } from "../kernel.ts";

/** A group and its members; `desired` is how many it keeps. `model`: what it launches is made like this one. */
type Group = {
  name: string;
  desired: number;
  members: Set<string>;
  suspended: Map<string, number>;
  model: Instance;
  resource: string;
};

/** Processes that can be suspended. [SDK Auto Scaling: ScalingProcessQuery] */
const processes = [
  ...["Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck"],
  ...["InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions"],
];

const zonesOf = (world: World, region: string, members: Iterable<string>) => {
  const { instances, subnets } = ec2Of(world, region);
  return [...new Set([...members].flatMap((id) => subnets.get(instances.get(id)?.subnet ?? "")?.zone ?? []))];
};

/** EC2 Auto Scaling looks at its servers every now and then; a minute is what its users see. (inference) */
const lookSeconds = 60;

/** EC2 Auto Scaling of one Region: groups that keep their number of running servers. */
export const autoScaling: Record<string, Operation> = {
  DescribeAutoScalingGroups(input: AutoScalingGroupNamesType, { world, region }) {
    const wanted = input.AutoScalingGroupNames ?? [];
    const found = [...groupsOf(world, region).values()].filter(({ name }) => !wanted.length || wanted.includes(name));
    return {
      AutoScalingGroups: found.map(({ name, desired, members, suspended, model }) => ({
        AutoScalingGroupName: name,
        MinSize: 0,
        MaxSize: desired + 1,
        DesiredCapacity: desired,
        DefaultCooldown: 300,
        AvailabilityZones: zonesOf(world, region, members),
        HealthCheckType: "EC2",
        CreatedTime: new Date(model.launchedAt),
        Instances: [...members].map((InstanceId) => ({
          InstanceId,
          AvailabilityZone: zonesOf(world, region, [InstanceId])[0] ?? "",
          LifecycleState: "InService",
          HealthStatus: "Healthy",
          ProtectedFromScaleIn: false,
        })),
        SuspendedProcesses: [...suspended].map(([ProcessName, at]) => ({
          ProcessName,
          SuspensionReason: `User suspended at ${isoOf(at)}`,
        })),
      })),
    };
  },

  SuspendProcesses(input: ScalingProcessQuery, { world, region }) {
    const { suspended } = groupNamed(world, region, input.AutoScalingGroupName);
    for (const process of named(input)) if (!suspended.has(process)) suspended.set(process, world.now());
    return {};
  },

  ResumeProcesses(input: ScalingProcessQuery, { world, region }) {
    const { suspended } = groupNamed(world, region, input.AutoScalingGroupName);
    for (const process of named(input)) suspended.delete(process);
    return {};
  },
};

/** Makes a group that holds these servers from now on; they carry its tag. [AS: ec2-auto-scaling-tagging] */
export const addGroup = (world: World, region: string, resource: string, members: Instance[]) => {
  const [model] = members;
  if (!model) return;
  const name = `${resource}-group`;
  for (const { tags } of members) tags.push(groupTag(name));
  const ids = new Set(members.map(({ id }) => id));
  const group: Group = { name, desired: ids.size, members: ids, suspended: new Map(), model, resource };
  groupsOf(world, region).set(name, group);
  const look = () => {
    keep(world, region, group);
    world.within(region, lookSeconds, look);
  };
  world.within(region, lookSeconds, look);
};

const groupTag = (name: string) => ({ Key: "aws:autoscaling:groupName", Value: name });
const groupsOf = (world: World, region: string) => world.region("Auto Scaling", region, () => new Map<string, Group>());

const groupNamed = (world: World, region: string, name = "") => {
  const found = groupsOf(world, region).get(name);
  if (found) return found;
  throw new AwsError("ValidationError", `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
};

const named = ({ ScalingProcesses }: ScalingProcessQuery) => {
  const unknown = ScalingProcesses?.filter((process) => !processes.includes(process)) ?? [];
  if (unknown.length > 0) throw new AwsError("ValidationError", `Invalid process(es): ${unknown}`);
  return ScalingProcesses?.length ? ScalingProcesses : processes;
};

/** A server that is not running is unhealthy: it is terminated, and another one launched. [AS: ec2-auto-scaling-health-checks] */
const keep = (world: World, region: string, group: Group) => {
  const { instances } = ec2Of(world, region);
  const may = (...wanted: string[]) => wanted.every((process) => !group.suspended.has(process));
  for (const id of group.members) {
    const instance = instances.get(id);
    const isWell = instance?.state === "running" || instance?.state === "pending";
    if (isWell || !may("HealthCheck", "ReplaceUnhealthy", "Terminate")) continue;
    group.members.delete(id);
    if (instance && instance.state !== "terminated" && instance.state !== "shutting-down")
      terminate(world, region, instance);
  }
  while (may("Launch") && group.members.size < group.desired) launch(world, region, group);
};

/** A server as the launch template makes it: of its own kind, with volumes of its own. */
const launch = (world: World, region: string, group: Group) => {
  const { model, resource } = group;
  const ec2 = ec2Of(world, region);
  const subnet = ec2.subnets.get(model.subnet)!;
  const { id, serial, visibleAt } = kept(world, region, "i");
  const privateAddress = takeAddress(world, region, subnet, undefined);
  const { securityGroups } = model;
  const nic = addNetworkInterface(world, region, { subnet: subnet.id, privateAddress, instance: id, securityGroups });
  const content = { server: id, resource, device: model.rootDevice, reaches: null };
  const volume = addVolume(world, region, {
    device: {
      device: model.rootDevice,
      snapshot: null,
      sizeGiB: 16,
      type: "gp3",
      iops: null,
      throughput: null,
      encrypted: false,
      key: null,
      deleteOnTermination: true,
    },
    zone: subnet.zone,
    instance: id,
    content: { ...content, set: null, devices: [] },
    tags: [],
  });
  const instance: Instance = {
    ...model,
    id,
    serial,
    visibleAt,
    privateAddress,
    networkInterface: nic.id,
    state: "pending",
    stateReason: null,
    launchedAt: world.now(),
    runningAt: null,
    clientToken: `${account}-${id}`,
    tags: model.tags.map((tag) => ({ ...tag })),
    volumes: [{ device: model.rootDevice, volume: volume.id, deleteOnTermination: true }],
  };
  ec2.instances.set(id, instance);
  group.members.add(id);
  boot(world, region, instance);
};
