import { registerImage } from "../../functions/aws/ec2/images.ts";
import { runInstances } from "../../functions/aws/ec2/instances.ts";
import { copySnapshot, createSnapshots } from "../../functions/aws/ec2/snapshots.ts";
import { tagSpecification } from "../../functions/aws/ec2/tags.ts";
import { volumesOf } from "../../functions/aws/ec2/volumes.ts";
import { blockDevice } from "../../functions/core/instances/launch/block-device.ts";
import type { Manifest, ManifestVolume } from "../../functions/core/model/recovery-point.ts";
import { tagKeys } from "../../functions/core/names.ts";
import { aManifest } from "../support/builders.ts";
import type { Given } from "./given.ts";
import { dataDevice, instanceType, primary, recovery } from "./shop.ts";

export type Copy = { id: string; source: string; volume: string; sizeGiB: number };

/** Snapshots one server and starts a copy of each snapshot in the recovery Region, under the key if one is given. */
export const copiesOf = async ({ clients, settle }: Given, server: string, key: string | null = null) => {
  const set = await createSnapshots(clients, primary, server, undefined, { [tagKeys.server]: server });
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
      device: deviceOf(volume),
      volume,
      sizeGiB,
      type: "gp3",
      iops: null,
      throughputMiBs: null,
      encrypted: deviceOf(volume) === dataDevice,
      deleteOnTermination: true,
      sourceSnapshot: null,
      snapshot: id,
    }),
  );
  return aManifest({ server, instanceType, rootDevice, volumes, image: null });
};

let launches = 0;

/** Launches a copy of the shop's first server, as a recovery does; gives the instance and the copies it was made of. */
export const launched = async (
  given: Given,
  tags: Record<string, string>,
  over: Partial<Parameters<typeof runInstances>[2]> = {},
) => {
  const { clients, names, servers, settle } = given;
  const manifest = await manifestOf(given, servers[0]!);
  launches += 1;
  const ImageId = await registerImage(clients, recovery, `lifeboat-${launches}`, manifest, tags);
  await settle();
  const instance = await runInstances(clients, recovery, {
    ClientToken: `launch-${launches}`,
    ImageId,
    MinCount: 1,
    MaxCount: 1,
    InstanceType: instanceType,
    SubnetId: names.subnets[0],
    SecurityGroupIds: [names.securityGroup],
    BlockDeviceMappings: manifest.volumes.map(blockDevice),
    MetadataOptions: { HttpTokens: "required" },
    TagSpecifications: (["instance", "volume", "network-interface"] as const).map((type) =>
      tagSpecification(type, tags),
    ),
    ...over,
  });
  return { ...instance, snapshots: manifest.volumes.map(({ snapshot }) => snapshot!) };
};
