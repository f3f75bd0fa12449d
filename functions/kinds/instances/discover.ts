import { describeInstanceTypes } from "../../aws/instance-types.ts";
import { describeInstances, type Instance } from "../../aws/instances.ts";
import { describeSubnets } from "../../aws/subnets.ts";
import { volumesOf } from "../../aws/volumes.ts";
import { type Found, manifestOf } from "../../core/manifest-of.ts";
import type { Resource } from "../../core/plan.ts";
import type { Manifest } from "../../core/point.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";
import { unlessSilent } from "./replication.ts";
import { storeUserData } from "./user-data.ts";

export type Discovery =
  | { action: "found"; manifests: Manifest[]; leftOut: string[] }
  /** More user data than one invocation may read; what was read is remembered. */
  | { action: "again" }
  /** The source Region gave no answer. */
  | { action: "silent" };

/** The servers that the resource selects in the source Region, each with what a launch must know of it. */
export const discover = async (context: Context, run: Run, resource: Resource, point: string): Promise<Discovery> => {
  const { clients } = context;
  const selected = Object.entries(resource.select.tags).map(([key, value]) => ({
    Name: `tag:${key}`,
    Values: [value],
  }));
  const alive = { Name: "instance-state-name", Values: ["running", "stopped"] };
  const filters = [...selected, alive];
  const instances = await unlessSilent(context, run, () => describeInstances(clients, run.source, filters));
  if (!instances) return { action: "silent" };
  if (instances.length === 0) return { action: "found", manifests: [], leftOut: [] };

  const userData = await storeUserData(context, run, instances);
  if (!userData) return { action: "again" };

  const [volumes, subnets, types] = await Promise.all([
    volumesOf(clients, run.source, idsOf(instances, "InstanceId")),
    describeSubnets(clients, run.source, idsOf(instances, "SubnetId")),
    describeInstanceTypes(clients, run.source, idsOf(instances, "InstanceType")),
  ]);
  const found = instances.map((instance): Found => {
    const id = instance.InstanceId ?? "";
    return {
      instance,
      volumes: volumes.filter(({ Attachments }) => Attachments?.some(({ InstanceId }) => InstanceId === id)),
      cidr: subnets.find((subnet) => subnet.id === instance.SubnetId)?.cidr ?? "",
      instanceStoreVolumes: types.find(({ name }) => name === instance.InstanceType)?.instanceStoreVolumes ?? 0,
      userData: userData.get(id) ?? null,
    };
  });
  const manifests = found.map((one) => manifestOf(one, resource, { application: run.application, point }));
  const empty = manifests.filter(({ volumes }) => volumes.length === 0);
  return {
    action: "found",
    manifests: manifests.filter((manifest) => !empty.includes(manifest)).sort(byServer),
    leftOut: empty.map(({ server }) => `${server} has no EBS volume to protect`),
  };
};

const byServer = (a: Manifest, b: Manifest) => a.server.localeCompare(b.server);

const idsOf = (instances: Instance[], key: "InstanceId" | "SubnetId" | "InstanceType") => [
  ...new Set(instances.flatMap((instance) => instance[key] ?? [])),
];
