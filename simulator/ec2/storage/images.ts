/** RegisterImage, DescribeImages and DeregisterImage. */

import type {
  BlockDeviceMapping,
  DeregisterImageRequest,
  DescribeImagesRequest,
  Image as ImageShape,
  RegisterImageRequest,
} from "@aws-sdk/client-ec2";
import { drawn, imageSeconds } from "../../durations.ts";
import { AwsError, account, isoOf, type Services, type World } from "../../kernel.ts";
import { productCodesOf, usageOperationOf } from "../billing.ts";
import { type Fields, list } from "../listing.ts";
import { ec2Of, type Image, kept, known } from "../state.ts";
import { tagsFor } from "../tags.ts";
import { mappingOf, toDevice } from "./devices.ts";
import { checkTier } from "./shelving.ts";

export const images: Services["EC2"] & object = {
  /** What is not said is AWS's default, wrong for most: i386 and paravirtual, no ENA. [SDK EC2: RegisterImageRequest] */
  RegisterImage(input: RegisterImageRequest, { world, region }) {
    const ec2 = ec2Of(world, region);
    const { Name = "", RootDeviceName = "", BlockDeviceMappings = [] } = input;
    checkName(world, region, Name);
    if (!BlockDeviceMappings.some(({ DeviceName }) => DeviceName === RootDeviceName))
      throw new AwsError("InvalidBlockDeviceMapping", `The root device ${RootDeviceName} is not mapped`);
    const check = ({ Ebs }: BlockDeviceMapping) => {
      if (!Ebs?.SnapshotId) return;
      if (Ebs.Encrypted !== undefined)
        throw new AwsError("InvalidParameterCombination", "Encrypted cannot be given together with SnapshotId");
      const { id, state } = known(world, ec2.snapshots, Ebs.SnapshotId, "snapshot");
      if (state !== "completed") throw new AwsError("IncorrectState", `Snapshot ${id} is in state ${state}`);
      checkTier(world, region, id);
    };
    BlockDeviceMappings.forEach(check);
    const image: Image = {
      ...kept(world, region, "ami", tagsFor("image", input.TagSpecifications)),
      name: Name,
      state: "pending",
      stateMessage: null,
      createdAt: world.now(),
      architecture: input.Architecture ?? "i386",
      virtualization: input.VirtualizationType ?? "paravirtual",
      rootDevice: RootDeviceName,
      enaSupport: input.EnaSupport ?? false,
      bootMode: input.BootMode ?? null,
      tpmSupport: input.TpmSupport ?? null,
      imdsSupport: input.ImdsSupport ?? null,
      sriovNetSupport: input.SriovNetSupport ?? null,
      description: input.Description ?? "",
      devices: BlockDeviceMappings.map((mapping) => toDevice(mapping)),
      // a copied snapshot has no billing data that it could be derived from [SDK EC2: RegisterImageRequest]
      platform: "Linux/UNIX",
      productCodes: [],
    };
    ec2.images.set(image.id, image);
    world.within(region, drawn(world.random.fork(`image ${image.id}`), imageSeconds), () => {
      image.state = "available";
    });
    return { ImageId: image.id };
  },

  DescribeImages(input: DescribeImagesRequest, { world, region }) {
    const ec2 = ec2Of(world, region);
    for (const id of input.ImageIds ?? []) known(world, ec2.images, id, "image");
    const isOwn = !input.Owners?.length || input.Owners.some((owner) => owner === "self" || owner === account);
    const from = [...ec2.images.values()].filter(
      // without IncludeDisabled no disabled one is shown [SDK EC2: DescribeImagesRequest]
      ({ id, state }) =>
        isOwn && (input.ImageIds?.includes(id) ?? true) && (state !== "disabled" || input.IncludeDisabled),
    );
    const { items, NextToken } = list(world, from, fields, input);
    const deprecationOf = ({ id }: Image) => {
      const at = ec2.deprecated.get(id);
      return at === undefined ? {} : { DeprecationTime: isoOf(at) };
    };
    return { Images: items.map((image) => ({ ...shapeOf(image), ...deprecationOf(image) })), NextToken };
  },

  DeregisterImage({ ImageId }: DeregisterImageRequest, { world, region }) {
    const { images } = ec2Of(world, region);
    images.delete(known(world, images, ImageId, "image").id);
    return { Return: true };
  },
};

/** Names are unique per account and Region. [text of InvalidAMIName.Duplicate] */
export const checkName = (world: World, region: string, wanted: string) => {
  if (!/^[\w ()[\]./\-'@]{3,128}$/.test(wanted))
    throw new AwsError("InvalidAMIName.Malformed", "AMI names must be between 3 and 128 characters long");
  const namesake = [...ec2Of(world, region).images.values()].find(({ name }) => name === wanted);
  if (namesake)
    throw new AwsError("InvalidAMIName.Duplicate", `AMI name ${wanted} is already in use by AMI ${namesake.id}`);
};

const shapeOf = (image: Image): ImageShape => ({
  ImageId: image.id,
  Name: image.name,
  State: image.state,
  OwnerId: account,
  CreationDate: isoOf(image.createdAt),
  Architecture: image.architecture as "x86_64",
  VirtualizationType: image.virtualization as "hvm",
  RootDeviceName: image.rootDevice,
  RootDeviceType: "ebs",
  EnaSupport: image.enaSupport,
  Description: image.description,
  PlatformDetails: image.platform,
  UsageOperation: usageOperationOf(image.platform),
  ...(image.productCodes.length && { ProductCodes: productCodesOf(image) }),
  // a pending image names its devices, not yet their snapshots
  BlockDeviceMappings: image.devices.map((device) =>
    mappingOf(image.state === "available" ? device : { ...device, snapshot: null }),
  ),
  Tags: image.tags.map((tag) => ({ ...tag })),
  ...(image.stateMessage && { StateReason: { Code: "Client.ImageFailed", Message: image.stateMessage } }),
  ...(image.bootMode && { BootMode: image.bootMode as "uefi" }),
  ...(image.tpmSupport && { TpmSupport: image.tpmSupport as "v2.0" }),
  ...(image.imdsSupport && { ImdsSupport: image.imdsSupport as "v2.0" }),
  ...(image.sriovNetSupport && { SriovNetSupport: image.sriovNetSupport }),
});

const fields: Fields<Image> = {
  "image-id": ({ id }) => [id],
  name: ({ name }) => [name],
  state: ({ state }) => [state],
  "owner-id": () => [account],
  architecture: ({ architecture }) => [architecture],
  "block-device-mapping.snapshot-id": ({ devices }) => devices.map(({ snapshot }) => snapshot),
};
