import { copySnapshot, createSnapshots } from "../../functions/aws/snapshots.ts";
import { volumesOf } from "../../functions/aws/volumes.ts";
import { tagKeys } from "../../functions/core/names.ts";
import type { Manifest, ManifestVolume } from "../../functions/core/point.ts";
import { aManifest } from "../support/builders.ts";
import type { Given } from "./given.ts";
import { dataDevice, instanceType, primary, recovery } from "./shop.ts";

export type Copy = { id: string; source: string; volume: string; sizeGiB: number };

/** Snapshots one server and starts a copy of each snapshot in the recovery Region, under the key if one is given. */
export const copiesOf = async ({ clients, settle }: Given, server: string, key: string | null = null) => {
  const set = await createSnapshots(clients, primary, server, undefined, {});
  await settle();
  const copies: Copy[] = [];
  for (const { id: snapshot, volume, sizeGiB } of set) {
    const tags = { [tagKeys.sourceSnapshot]: snapshot };
    const id = await copySnapshot(clients, recovery, { region: primary, snapshot }, key, tags);
    copies.push({ id, source: snapshot, volume, sizeGiB });
  }
  return copies;
};

/** Copies one server and waits until that is done; gives what an image or a launch needs of it. */
export const manifestOf = async (given: Given, server: string): Promise<Manifest> => {
  const { clients, rootDevice, settle } = given;
  const copies = await copiesOf(given, server);
  await settle();
  const attached = await volumesOf(clients, primary, [server]);
  const deviceOf = (volume: string) => attached.find(({ VolumeId }) => VolumeId === volume)!.Attachments![0]!.Device!;
  const volumes = copies.map(
    ({ id, volume, sizeGiB }): ManifestVolume => ({
      ...{ device: deviceOf(volume), volume, sizeGiB, type: "gp3", iops: null, throughputMiBs: null },
      ...{ encrypted: deviceOf(volume) === dataDevice, deleteOnTermination: true, sourceSnapshot: null, snapshot: id },
    }),
  );
  return aManifest({ server, instanceType, rootDevice, volumes, image: null });
};
