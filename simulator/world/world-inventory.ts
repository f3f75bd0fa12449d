import { homeOf } from "../../functions/core/model/direction.ts";
import type { Manifest } from "../../functions/core/model/recovery-point.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { answersNow } from "../dns/dns.ts";
import { ec2Of } from "../ec2/state.ts";
import { tag } from "../ec2/tags.ts";
import { addressesOf } from "../network/traffic.ts";
import type { Story } from "../story/played-story.ts";
import { stateOf } from "./state-of.ts";

/** The world as the story left it: under its name each Region's EC2 and EBS; beside them the records' answers, and the row. */
export const inventoryOf = ({ world, plan }: Story) => {
  const { row, manifests } = stateOf(world, homeOf(plan), plan.application);
  const regions = Object.values(plan.regions).map((name) => [name, regionOf(ec2Of(world, name), manifests)] as const);
  const records = (plan.traffic?.records ?? []).map(({ name, type, primary }) => ({
    name,
    type,
    before: addressesOf(world, primary),
    now: answersNow(world, name, type),
  }));
  return Object.assign(Object.fromEntries(regions), { records, row });
};

const regionOf = ({ instances, volumes, snapshots, images }: ReturnType<typeof ec2Of>, manifests: Manifest[]) => {
  const nameOf = (server: string | null) => manifests.find((one) => one.server === server)?.name ?? null;
  const pointOf = (image: string | null) => manifests.find((one) => one.image === image)?.point ?? null;
  return {
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
  };
};
