import type { Clients } from "../functions/aws/clients.ts";
import { describeSelected } from "../functions/aws/instances.ts";
import { volumesOf } from "../functions/aws/volumes.ts";
import type { Resource } from "../functions/core/plan.ts";

/** What a resource's tags select now: servers, their volumes that are protected, and how large these are. */
export type Selection = { servers: number; volumes: number; sizeGiB: number };

/** Asks the source Region, reading only. */
export const selectionOf = async (clients: Clients, region: string, resource: Resource): Promise<Selection> => {
  const instances = await describeSelected(clients, region, resource.select.tags);
  const ids = instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  const volumes = ids.length ? await volumesOf(clients, region, ids) : [];
  const kept = volumes.filter(
    ({ Attachments = [] }) => !Attachments.some(({ Device }) => resource.exclude.volumes.includes(Device ?? "")),
  );
  return { servers: ids.length, volumes: kept.length, sizeGiB: kept.reduce((sum, { Size }) => sum + (Size ?? 0), 0) };
};
