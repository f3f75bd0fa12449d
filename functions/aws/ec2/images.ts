import {
  type ArchitectureValues,
  type BootModeValues,
  DeregisterImageCommand,
  DescribeImagesCommand,
  EC2Client,
  type Filter,
  type Image,
  type ImdsSupportValues,
  RegisterImageCommand,
  type TpmSupportValues,
} from "@aws-sdk/client-ec2";
import { blockDevice } from "../../core/instances/launch/block-device.ts";
import type { Manifest } from "../../core/model/recovery-point.ts";
import type { Tried } from "../../core/readiness/proof.ts";
import type { Clients } from "../calls/clients.ts";
import { pagesOf } from "../calls/filters.ts";
import { unlessGone } from "../calls/gone.ts";
import { tryRight } from "../calls/try-right.ts";
import { tagSpecification, tagsOf } from "./tags.ts";

export type ImageFact = { id: string; name: string; state: string; tags: Record<string, string> };

/** Every image of this account that matches all filters, over all pages. */
export const listImages = async (clients: Clients, region: string, filters: Filter[]): Promise<ImageFact[]> =>
  (await describeImages(clients, region, filters)).map(factOf);

/** As `listImages`, as EC2 describes them; disabled ones too, as they keep their names and snapshots. [EC2: disable-an-ami] */
export const describeImages = async (clients: Clients, region: string, filters: Filter[]): Promise<Image[]> => {
  const ec2 = clients(EC2Client, region);
  const ask = (page: object) =>
    ec2.send(new DescribeImagesCommand({ Owners: ["self"], IncludeDisabled: true, MaxResults: 1000, ...page }));
  const found = new Map<string, Image>();
  for await (const { Images = [] } of pagesOf(filters, ask))
    for (const image of Images) found.set(image.ImageId ?? "", image);
  return [...found.values()];
};

/**
 * Registers the copies of one server as an image and gives its id. Everything is said: the API's own defaults are i386
 * and paravirtual. No client token, but names are unique per account and Region: a second try fails with
 * InvalidAMIName.Duplicate. [SDK EC2: RegisterImageRequest]
 */
export const registerImage = async (
  clients: Clients,
  region: string,
  name: string,
  manifest: Manifest,
  tags: Record<string, string>,
): Promise<string> => {
  const { ImageId } = await clients(EC2Client, region, "once").send(registration(name, manifest, tags));
  return ImageId ?? "";
};

/** May the caller register such an image? None is made; that one of the name is there already is no question of rights. */
export const tryRegisterImage = (
  clients: Clients,
  region: string,
  ...of: Parameters<typeof registration>
): Promise<Tried> =>
  tryRight(
    "ec2:RegisterImage",
    region,
    () => {
      const command = registration(...of);
      command.input.DryRun = true;
      return clients(EC2Client, region, "once").send(command);
    },
    ["InvalidAMIName.Duplicate"],
  );

const registration = (name: string, manifest: Manifest, tags: Record<string, string>) =>
  new RegisterImageCommand({
    Name: name,
    Description: `${manifest.name} of ${manifest.application}, ${manifest.point}`,
    Architecture: manifest.architecture as ArchitectureValues,
    VirtualizationType: "hvm",
    RootDeviceName: manifest.rootDevice,
    EnaSupport: manifest.enaSupport,
    ...(manifest.sriovNetSupport && { SriovNetSupport: manifest.sriovNetSupport }),
    ...(manifest.bootMode && { BootMode: manifest.bootMode as BootModeValues }),
    ...(manifest.tpmSupport && { TpmSupport: manifest.tpmSupport as TpmSupportValues }),
    ...(manifest.imdsSupport && { ImdsSupport: manifest.imdsSupport as ImdsSupportValues }),
    BlockDeviceMappings: manifest.volumes.map(blockDevice),
    TagSpecifications: [tagSpecification("image", tags)],
  });

/** Takes the image away and keeps its snapshots. One that is gone already counts as deregistered. */
export const deregisterImage = async (clients: Clients, region: string, id: string): Promise<void> => {
  const isThere = async () =>
    (await listImages(clients, region, [{ Name: "image-id", Values: [id] }])).some(
      ({ state }) => state !== "deregistered",
    );
  const command = new DeregisterImageCommand({ ImageId: id });
  const gone = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"];
  await unlessGone(() => clients(EC2Client, region).send(command), gone, isThere);
};

const factOf = ({ ImageId, Name, State, Tags }: Image): ImageFact => ({
  id: ImageId ?? "",
  name: Name ?? "",
  state: State ?? "pending",
  tags: tagsOf(Tags),
});
