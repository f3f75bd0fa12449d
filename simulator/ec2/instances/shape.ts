/** An instance as DescribeInstances returns it. */

import type { Instance as InstanceShape } from "@aws-sdk/client-ec2";
import { account, isoOf, type World } from "../../kernel.ts";
import { productCodesOf, usageOperationOf } from "../billing.ts";
import type { Fields } from "../listing.ts";
import { ec2Of, type Instance } from "../state.ts";
import { optionsShape } from "./launch-options.ts";

/** Low byte of the state code. [SDK EC2: InstanceState] */
export const codeOfState = { pending: 0, running: 16, "shutting-down": 32, terminated: 48, stopping: 64, stopped: 80 };

export const stateOf = ({ state }: Instance) => ({ Code: codeOfState[state], Name: state });

export const publicAddressOf = (world: World, region: string, { id }: Instance): string | null =>
  [...ec2Of(world, region).addresses.values()].find(({ instance }) => instance === id)?.publicAddress ?? null;

/** An instance as DescribeInstances and RunInstances give it. */
export const shapeOf = (world: World, region: string, instance: Instance): InstanceShape => {
  const ec2 = ec2Of(world, region);
  const subnet = ec2.subnets.get(instance.subnet);
  const groups = instance.securityGroups.map((GroupId) => ({
    GroupId,
    GroupName: ec2.securityGroups.get(GroupId)?.name,
  }));
  const gone = instance.state === "terminated";
  const publicAddress = publicAddressOf(world, region, instance);
  const { ipv6Addresses = [] } = instance.options ?? {};
  return {
    InstanceId: instance.id,
    ImageId: instance.image ?? "ami-0000000000000base",
    State: stateOf(instance),
    InstanceType: instance.type as "m5.large",
    Architecture: instance.architecture as "x86_64",
    LaunchTime: new Date(instance.launchedAt),
    Placement: { AvailabilityZone: subnet?.zone, Tenancy: "default", ...instance.options?.Placement },
    ClientToken: instance.clientToken,
    EbsOptimized: instance.ebsOptimized,
    EnaSupport: instance.enaSupport,
    Hypervisor: "xen",
    VirtualizationType: instance.virtualization as "hvm",
    RootDeviceName: instance.rootDevice,
    RootDeviceType: "ebs",
    PlatformDetails: instance.platform,
    UsageOperation: usageOperationOf(instance.platform),
    ProductCodes: productCodesOf(instance),
    ...optionsShape(instance.type, instance.metadataTokens, instance.options),
    SecurityGroups: groups,
    BlockDeviceMappings: instance.volumes.map(({ device, volume, deleteOnTermination }) => ({
      DeviceName: device,
      Ebs: {
        VolumeId: volume,
        Status: "attached",
        DeleteOnTermination: deleteOnTermination,
        AttachTime: new Date(instance.launchedAt),
      },
    })),
    Tags: instance.tags.map((tag) => ({ ...tag })),
    NetworkInterfaces: [],
    ...(!gone && {
      PrivateIpAddress: instance.privateAddress,
      SubnetId: instance.subnet,
      VpcId: subnet?.vpc,
      NetworkInterfaces: [
        {
          NetworkInterfaceId: instance.networkInterface,
          SubnetId: instance.subnet,
          VpcId: subnet?.vpc,
          PrivateIpAddress: instance.privateAddress,
          Groups: groups,
          Attachment: { DeviceIndex: 0, Status: "attached" },
          Status: "in-use",
          InterfaceType: "interface",
          SourceDestCheck: instance.options?.sourceDestCheck ?? true,
          PrivateIpAddresses: [instance.privateAddress, ...(instance.options?.secondaryAddresses ?? [])].map(
            (PrivateIpAddress, at) => ({ PrivateIpAddress, Primary: at === 0 }),
          ),
          Ipv6Addresses: ipv6Addresses.map((Ipv6Address) => ({ Ipv6Address, IsPrimaryIpv6: false })),
        },
      ],
    }),
    ...(publicAddress && { PublicIpAddress: publicAddress }),
    ...(!gone && ipv6Addresses[0] && { Ipv6Address: ipv6Addresses[0] }),
    ...(instance.platform.startsWith("Windows") && { Platform: "Windows" }),
    ...(instance.profile && {
      IamInstanceProfile: { Arn: `arn:aws:iam::${account}:instance-profile/${instance.profile}`, Id: "AIPAREHEARSAL" },
    }),
    ...(instance.spot && { InstanceLifecycle: "spot", SpotInstanceRequestId: instance.id.replace(/^i-/, "sir-") }),
    ...(instance.keyName && { KeyName: instance.keyName }),
    ...(instance.bootMode && { BootMode: instance.bootMode as "uefi" }),
    ...(instance.tpmSupport && { TpmSupport: instance.tpmSupport }),
    ...(instance.sriovNetSupport && { SriovNetSupport: instance.sriovNetSupport }),
    ...(instance.stateReason && {
      StateReason: { Code: instance.stateReason.code, Message: instance.stateReason.message },
    }),
  };
};

export const instanceFields = (world: World, region: string): Fields<Instance> => {
  const ec2 = ec2Of(world, region);
  return {
    "instance-id": ({ id }) => [id],
    "instance-state-name": ({ state }) => [state],
    "client-token": ({ clientToken }) => [clientToken],
    "image-id": ({ image }) => [image],
    "instance-type": ({ type }) => [type],
    "launch-time": ({ launchedAt }) => [isoOf(launchedAt)],
    "private-ip-address": ({ state, privateAddress }) => (state === "terminated" ? [] : [privateAddress]),
    "ip-address": (instance) => [publicAddressOf(world, region, instance)],
    "subnet-id": ({ subnet }) => [subnet],
    "vpc-id": ({ subnet }) => [ec2.subnets.get(subnet)?.vpc],
    "availability-zone": ({ subnet }) => [ec2.subnets.get(subnet)?.zone],
    "block-device-mapping.volume-id": ({ volumes }) => volumes.map(({ volume }) => volume),
  };
};
