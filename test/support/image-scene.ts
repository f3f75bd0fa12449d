import { CopyImageCommand, CreateImageCommand, DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { QueueEntry } from "../../functions/core/instances/copy/queue.ts";
import { imageName, tagKeys } from "../../functions/core/names.ts";
import type { Simulated } from "./simulated.ts";

/** What the tests of servers that go by an image share. */
export const [primary, recovery] = ["eu-west-1", "eu-central-1"];
export const point = "web.20260302T120000Z";
export const nameOf = (server: string) => imageName("shop", point, server);
export const imageTags = (server: string) => ({
  [tagKeys.application]: "shop",
  [tagKeys.resource]: "web",
  [tagKeys.point]: point,
  [tagKeys.server]: server,
});

export const anImageEntry = (over: Partial<QueueEntry> = {}): QueueEntry => ({
  server: "i-0a",
  volume: "",
  device: "",
  sizeGiB: 40,
  slots: 2,
  from: "ami-1",
  askedAt: null,
  copy: null,
  ended: false,
  tries: 0,
  ...over,
});

/** An inventory of Windows servers with a root of 30 GiB and data of 100 GiB. */
export const windowsServers = (...names: string[]) =>
  names.map((name, at) => ({
    name,
    platform: "Windows",
    address: `10.0.0.${20 + at}`,
    volumes: [
      { device: "/dev/xvda", sizeGiB: 30 },
      { device: "/dev/sdf", sizeGiB: 100 },
    ],
  }));

export const imagesOf = async ({ clients }: Simulated, region: string, ...ids: string[]) => {
  const { Images = [] } = await clients(EC2Client, region).send(new DescribeImagesCommand({ ImageIds: ids }));
  return Images;
};

export const makeImage = async ({ clients }: Simulated, InstanceId: string, Name = "image-1") => {
  const { ImageId } = await clients(EC2Client, primary, "optional").send(
    new CreateImageCommand({ InstanceId, Name, NoReboot: true }),
  );
  return ImageId!;
};

export const copyTo = async ({ clients }: Simulated, SourceImageId: string, over: object = {}) => {
  const { ImageId } = await clients(EC2Client, recovery, "optional").send(
    new CopyImageCommand({ SourceRegion: primary, SourceImageId, Name: "copy-1", ClientToken: "one", ...over }),
  );
  return ImageId!;
};
