import { CopySnapshotCommand, CreateSnapshotsCommand, EC2Client, RegisterImageCommand } from "@aws-sdk/client-ec2";
import { ec2Of, type Instance } from "../../simulator/ec2/state.ts";
import type { World } from "../../simulator/kernel.ts";
import { aPlan, aResource } from "./builders.ts";
import type { Simulated } from "./simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];

/** A plan of one server with one volume. */
export const oneServer = aPlan({
  protect: [aResource({ launch: { ...aResource().launch, address: { "web-1": "10.0.0.10" } } })],
});

export const sourceServers = (world: World) => [...ec2Of(world, primary).instances.values()];

/** Snapshots one server, copies its snapshots (under the key, when one is given), and waits until all is complete. */
export const aCopiedServer = async (
  { world, clients, advance }: Simulated,
  { id, volumes }: Instance = sourceServers(world)[0]!,
  key: string | null = null,
) => {
  const { Snapshots = [] } = await clients(EC2Client, primary).send(
    new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: id } }),
  );
  await advance(400);
  const copies: { id: string; device: string }[] = [];
  for (const { SnapshotId, VolumeId } of Snapshots) {
    const { SnapshotId: copy } = await clients(EC2Client, recovery).send(
      new CopySnapshotCommand({
        SourceRegion: primary,
        SourceSnapshotId: SnapshotId,
        ...(key && { Encrypted: true, KmsKeyId: key }),
      }),
    );
    copies.push({ id: copy!, device: volumes.find(({ volume }) => volume === VolumeId)!.device });
  }
  await advance(3_600);
  return { server: id, copies };
};

/** Registers an image of a copied server; it is available a minute later. */
export const anImage = async (
  { clients }: Simulated,
  { copies }: { copies: { id: string; device: string }[] },
  Name = "image-1",
) => {
  const { ImageId } = await clients(EC2Client, recovery).send(
    new RegisterImageCommand({
      Name,
      RootDeviceName: "/dev/xvda",
      Architecture: "x86_64",
      VirtualizationType: "hvm",
      EnaSupport: true,
      BlockDeviceMappings: copies.map(({ id, device }) => ({
        DeviceName: device,
        Ebs: { SnapshotId: id, VolumeType: "gp3" },
      })),
    }),
  );
  return ImageId!;
};
