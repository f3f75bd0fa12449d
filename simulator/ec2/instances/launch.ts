/** RunInstances. */

import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import { AwsError, account, type Services, type World } from "../../kernel.ts";
import { checkTokens } from "../account.ts";
import { checkCapacity } from "../capacity.ts";
import { addNetworkInterface, takeAddress } from "../network.ts";
import {
  type Device,
  ec2Of,
  firmwareOf,
  type Image,
  type Instance,
  kept,
  known,
  profilesOf,
  type Subnet,
} from "../state.ts";
import { mergeDevices } from "../storage/devices.ts";
import { addVolume, checkDevice } from "../storage/volumes.ts";
import { checkSuits } from "../suits.ts";
import { tagsFor } from "../tags.ts";
import { instanceType } from "../type-names.ts";
import { checkOptions, optionsOf } from "./launch-options.ts";
import { boot } from "./lifecycle.ts";
import { shapeOf } from "./shape.ts";

/** Base64 of 16 KB. [SDK EC2: RunInstancesRequest] */
const userDataCharactersMax = 22_000;

export const launch: Services["EC2"] & object = {
  RunInstances(input: RunInstancesRequest, { world, region }) {
    const ec2 = ec2Of(world, region);
    const place = placeOf(world, region, input);
    const { subnet, type } = place;

    // the token is zonal when a subnet is given [EC2dev:ec2-api-idempotency]
    const token = `${subnet.zone} ${input.ClientToken}`;
    const asked = JSON.stringify(input, (_key, value) => (value && typeof value === "object" ? sorted(value) : value));
    const before = ec2.launches.get(token);
    if (before && before.input !== asked)
      throw new AwsError(
        "IdempotentParameterMismatch",
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
      );
    if (before)
      return answer(
        world,
        region,
        before.instances.flatMap((id) => ec2.instances.get(id) ?? []),
      );

    const { MinCount = 1, MaxCount = 1 } = input;
    const plan = planOf(world, region, input, place);
    if (input.DryRun)
      throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
    checkCapacity(world, region, type, subnet.zone, MinCount);
    const made = Array.from({ length: MaxCount }, () => create(world, region, input, place, plan));
    ec2.launches.set(token, { input: asked, instances: made.map(({ id }) => id) });
    return answer(world, region, made);
  },
};

type Place = {
  subnet: Subnet;
  type: string;
  wanted: string | undefined;
  secondary: (string | undefined)[];
  ipv6: number;
  groups: string[];
};

/** Network settings stand in the request itself or in its first network interface, never in both. */
const placeOf = (world: World, region: string, input: RunInstancesRequest): Place => {
  const { subnets, securityGroups } = ec2Of(world, region);
  const [nic] = input.NetworkInterfaces ?? [];
  if (nic && (input.SubnetId || input.SecurityGroupIds?.length || input.PrivateIpAddress))
    throw new AwsError(
      "InvalidParameterCombination",
      "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request",
    );
  const subnet = known(world, subnets, nic ? nic.SubnetId : input.SubnetId, "subnet");
  const addresses = nic?.PrivateIpAddresses;
  const primary = addresses?.find(({ Primary }) => Primary)?.PrivateIpAddress;
  const secondary = addresses?.filter(({ Primary }) => !Primary).map(({ PrivateIpAddress }) => PrivateIpAddress);
  const groups = (nic ? nic.Groups : input.SecurityGroupIds) ?? [];
  // "Security group … and subnet … belong to different networks" [github.com/ansible/ansible-modules-core#347]
  for (const id of groups)
    if (known(world, securityGroups, id, "group").vpc !== subnet.vpc)
      throw new AwsError(
        "InvalidParameter",
        `Security group ${id} and subnet ${subnet.id} belong to different networks.`,
      );
  return {
    subnet,
    groups,
    type: input.InstanceType ?? "m1.small",
    wanted: primary ?? nic?.PrivateIpAddress ?? input.PrivateIpAddress,
    secondary: secondary ?? Array.from({ length: nic?.SecondaryPrivateIpAddressCount ?? 0 }, () => undefined),
    ipv6: nic?.Ipv6AddressCount ?? input.Ipv6AddressCount ?? 0,
  };
};

type Launching = { image: Image; devices: Device[]; profile: string | null };

/** Everything that AWS checks before it makes anything. */
const planOf = (world: World, region: string, input: RunInstancesRequest, { type, subnet }: Place): Launching => {
  const image = known(world, ec2Of(world, region).images, input.ImageId, "image");
  if (image.state !== "available")
    throw new AwsError("InvalidAMIID.Unavailable", `The image ID '[${image.id}]' is not available`);
  const found = instanceType(type);
  if (!found) throw new AwsError("InvalidParameterValue", `Invalid value '${type}' for InstanceType.`);
  checkTokens(ec2Of(world, region), input);
  checkSuits(found, image, ec2Of(world, region).products);
  if (input.KeyName && !ec2Of(world, region).keyPairs.has(input.KeyName))
    throw new AwsError("InvalidKeyPair.NotFound", `The key pair '${input.KeyName}' does not exist`);
  if ((input.UserData?.length ?? 0) > userDataCharactersMax)
    throw new AwsError("InvalidParameterValue", "User data is limited to 16384 bytes");
  const profile = input.IamInstanceProfile?.Name ?? input.IamInstanceProfile?.Arn?.split("/").at(-1) ?? null;
  if (profile && !profilesOf(world).has(profile))
    throw new AwsError("InvalidParameterValue", `Value (${profile}) for parameter iamInstanceProfile.name is invalid.`);
  const devices = mergeDevices(image.devices, input.BlockDeviceMappings ?? [], image.rootDevice);
  for (const device of devices) checkDevice(world, region, device);
  checkOptions(input, type, subnet, devices, image.rootDevice);
  return { image, devices, profile };
};

const create = (world: World, region: string, input: RunInstancesRequest, place: Place, plan: Launching): Instance => {
  const { subnet, groups, type, wanted } = place;
  const { image, devices, profile } = plan;
  const tags = tagsFor("instance", input.TagSpecifications);
  const [volumeTags, interfaceTags] = [
    tagsFor("volume", input.TagSpecifications),
    tagsFor("network-interface", input.TagSpecifications),
  ];
  const privateAddress = takeAddress(world, region, subnet, wanted);
  const common = kept(world, region, "i", tags);
  const nic = addNetworkInterface(world, region, {
    subnet: subnet.id,
    privateAddress,
    instance: common.id,
    securityGroups: groups,
    tags: interfaceTags,
  });
  nic.secondaryAddresses = place.secondary.flatMap((address) => {
    const taken = takeAddress(world, region, subnet, address);
    nic.secondaryAddresses = [...(nic.secondaryAddresses ?? []), taken];
    return taken;
  });
  const volumes = devices.map((device) => {
    const { id } = addVolume(world, region, {
      device,
      zone: subnet.zone,
      instance: common.id,
      content: null,
      tags: volumeTags,
    });
    return { device: device.device, volume: id, deleteOnTermination: device.deleteOnTermination };
  });
  const instance: Instance = {
    ...common,
    image: image.id,
    type,
    ...firmwareOf(image),
    architecture: image.architecture,
    subnet: subnet.id,
    networkInterface: nic.id,
    privateAddress,
    securityGroups: groups,
    profile,
    keyName: input.KeyName ?? null,
    ebsOptimized: input.EbsOptimized ?? false,
    metadataTokens: input.MetadataOptions?.HttpTokens ?? (image.imdsSupport ? "required" : "optional"),
    platform: image.platform,
    productCodes: image.productCodes,
    userData: input.UserData ?? null,
    stopProtected: input.DisableApiStop ?? false,
    terminationProtected: input.DisableApiTermination ?? false,
    spot: null,
    clientToken: input.ClientToken ?? "",
    state: "pending",
    stateReason: null,
    launchedAt: world.now(),
    runningAt: null,
    rootDevice: image.rootDevice,
    volumes,
    options: {
      ...optionsOf(input),
      // [EC2: configuring-instance-metadata-options, order of precedence]
      MetadataOptions: { HttpPutResponseHopLimit: image.imdsSupport ? 2 : 1, ...input.MetadataOptions },
      secondaryAddresses: nic.secondaryAddresses,
      ipv6Addresses: Array.from({ length: place.ipv6 }, (_, at) => `${subnet.ipv6}${nic.serial.toString(16)}:${at}`),
    },
  };
  ec2Of(world, region).instances.set(instance.id, instance);
  boot(world, region, instance);
  return instance;
};

const answer = (world: World, region: string, made: Instance[]) => ({
  ReservationId: made[0]?.id.replace(/^i-/, "r-"),
  OwnerId: account,
  Instances: made.map((instance) => shapeOf(world, region, instance)),
});

const sorted = (value: object) =>
  Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
