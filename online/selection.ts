import type { Clients } from "../functions/aws/calls/clients.ts";
import { describeSelected } from "../functions/aws/ec2/instances.ts";
import { tagsOf } from "../functions/aws/ec2/tags.ts";
import { volumesOf } from "../functions/aws/ec2/volumes.ts";
import type { Named } from "../functions/core/instances/launch/judge-names.ts";
import type { Resource } from "../functions/core/model/plan.ts";

/** What a resource's tags select now: servers, their volumes that are protected, how large these are, and their names. */
export type Selection = { servers: number; volumes: number; sizeGiB: number; named: Named[] };

/** Asks the source Region, reading only. */
export const selectionOf = async (clients: Clients, region: string, resource: Resource): Promise<Selection> => {
  const instances = await describeSelected(clients, region, resource.select.tags);
  const ids = instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  const volumes = ids.length ? await volumesOf(clients, region, ids) : [];
  const kept = volumes.filter(
    ({ Attachments = [] }) => !Attachments.some(({ Device }) => resource.exclude.volumes.includes(Device ?? "")),
  );
  const named = instances.map(({ InstanceId = "", Tags, BlockDeviceMappings = [] }) => ({
    name: tagsOf(Tags).Name || InstanceId,
    devices: BlockDeviceMappings.flatMap(({ DeviceName }) => DeviceName ?? []),
  }));
  const sizeGiB = kept.reduce((sum, { Size }) => sum + (Size ?? 0), 0);
  return { servers: ids.length, volumes: kept.length, sizeGiB, named };
};
