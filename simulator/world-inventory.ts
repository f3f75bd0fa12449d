import { tagKeys } from "../functions/core/names.ts";
import { answersNow } from "./dns.ts";
import { ec2Of, type Kept } from "./ec2/state.ts";
import { stateOf } from "./state-of.ts";
import type { Story } from "./story.ts";

/** The world as the story left it: per Region its EC2 and EBS, the records' answers, and the row. */
export const inventoryOf = ({ world, plan }: Story) => {
  const { row, manifests } = stateOf(world, plan.regions.recovery, plan.application);
  const nameOf = (server: string | null) => manifests.find((one) => one.server === server)?.name ?? null;
  const pointOf = (image: string | null) => manifests.find((one) => one.image === image)?.point ?? null;
  const regions = Object.values(plan.regions).map((region) => {
    const { instances, volumes, snapshots, images } = ec2Of(world, region);
    return [
      region,
      {
        instances: [...instances.values()].map((one) => ({
          id: one.id,
          name: tag(one, "Name") ?? nameOf(tag(one, tagKeys.server)) ?? one.id,
          state: one.state,
          type: one.type,
          subnet: one.subnet,
          address: one.privateAddress,
          image: one.image,
          /** Server of the source Region that this one stands for, and the point that it was launched from. */
          launchedFor: tag(one, tagKeys.server),
          point: tag(one, tagKeys.server) ? pointOf(one.image) : null,
          volumes: one.volumes.map(({ device, volume }) => ({ device, volume })),
        })),
        volumes: [...volumes.values()].map((one) => ({
          id: one.id,
          sizeGiB: one.sizeGiB,
          type: one.type,
          encrypted: one.key !== null,
          snapshot: one.snapshot,
          set: one.content?.set ?? null,
        })),
        snapshots: [...snapshots.values()].map((one) => ({
          id: one.id,
          state: one.state,
          copyOf: one.copyOf?.snapshot ?? null,
          point: tag(one, tagKeys.point),
          server: tag(one, tagKeys.server),
          encrypted: one.key !== null,
        })),
        images: [...images.values()].map(({ id, name, state }) => ({ id, name, state })),
      },
    ] as const;
  });
  return {
    regions: Object.fromEntries(regions),
    records: (plan.traffic?.records ?? []).map(({ name, type, primary }) => ({
      name,
      type,
      before: "addresses" in primary ? primary.addresses : [JSON.stringify(primary)],
      now: answersNow(world, name),
    })),
    row,
  };
};

export const tag = ({ tags }: Kept, key: string) => tags.find(({ Key }) => Key === key)?.Value ?? null;
