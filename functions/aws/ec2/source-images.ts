import { CopyImageCommand, CreateImageCommand, EC2Client, type Image } from "@aws-sdk/client-ec2";
import type { Clients } from "../calls/clients.ts";
import { describeImages } from "./images.ts";
import { tagSpecification, tagsOf } from "./tags.ts";

/** An image with what it consists of; `snapshot` is null while EC2 still makes it. */
export type WholeImage = {
  id: string;
  name: string;
  /** pending, available, failed, error, invalid, ... [SDK EC2: ImageState] */
  state: string;
  /** Why it failed. */
  because: string | null;
  platform: string;
  usageOperation: string;
  tags: Record<string, string>;
  devices: { device: string; snapshot: string | null }[];
};

/** The images with these ids, names, or snapshots, that EC2 shows now; others are left out. */
export const wholeImages = async (
  clients: Clients,
  region: string,
  by: "image-id" | "name" | "block-device-mapping.snapshot-id",
  values: string[],
): Promise<WholeImage[]> => (await describeImages(clients, region, [{ Name: by, Values: values }])).map(wholeOf);

/**
 * Makes an image of an instance without a reboot, its volumes crash-consistent with one another; gives its id. `without`:
 * devices that are left out. No client token, but names are unique per account and Region: a second try fails with
 * InvalidAMIName.Duplicate. [SDK EC2: CreateImageRequest]
 */
export const createImage = async (
  clients: Clients,
  region: string,
  { instance, name, without }: { instance: string; name: string; without: string[] },
  tags: Record<string, string>,
): Promise<string> => {
  const { ImageId } = await clients(EC2Client, region, "once").send(
    new CreateImageCommand({
      InstanceId: instance,
      Name: name,
      NoReboot: true,
      ...(without.length && { BlockDeviceMappings: without.map((DeviceName) => ({ DeviceName, NoDevice: "" })) }),
      TagSpecifications: [tagSpecification("image", tags), tagSpecification("snapshot", tags)],
    }),
  );
  return ImageId ?? "";
};

/**
 * Starts the copy of an image in `region` and gives its id: the same one for the same token. `key`: ARN of a key of
 * `region`, or null for what EBS does by itself; a wrong one shows only later, as a failed image. `minutes`: how long a
 * time-based copy may take, null = as long as it takes. [SDK EC2: CopyImageRequest]
 */
export const copyImage = async (
  clients: Clients,
  region: string,
  source: { region: string; image: string },
  { name, token, key, minutes }: { name: string; token: string; key: string | null; minutes: number | null },
  tags: Record<string, string>,
): Promise<string> => {
  const { ImageId } = await clients(EC2Client, region).send(
    new CopyImageCommand({
      ClientToken: token,
      Name: name,
      SourceRegion: source.region,
      SourceImageId: source.image,
      ...(key && { Encrypted: true, KmsKeyId: key }),
      ...(minutes && { SnapshotCopyCompletionDurationMinutes: minutes }),
      TagSpecifications: [tagSpecification("image", tags), tagSpecification("snapshot", tags)],
    }),
  );
  return ImageId ?? "";
};

const wholeOf = (image: Image): WholeImage => ({
  id: image.ImageId ?? "",
  name: image.Name ?? "",
  state: image.State ?? "pending",
  because: image.StateReason?.Message ?? null,
  platform: image.PlatformDetails ?? "",
  usageOperation: image.UsageOperation ?? "",
  tags: tagsOf(image.Tags),
  devices: (image.BlockDeviceMappings ?? []).flatMap(({ DeviceName, Ebs }) =>
    DeviceName && Ebs ? { device: DeviceName, snapshot: Ebs.SnapshotId ?? null } : [],
  ),
});
