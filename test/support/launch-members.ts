import type { InstanceFacts } from "../../functions/core/instances/capture/describe-server.ts";

/** What a source server has, in the words of EC2. */
export type Source = { instance?: object; volumes?: object[]; found?: Partial<InstanceFacts>; ipv6?: boolean };
/** How a member of RunInstances comes about; a source, or a plan, that shows it. */
type Row =
  /** The server's own comes along: in the request, or by `Attach`. */
  | { carried: Source; as?: unknown }
  /** It does not, and Preflight says so. */
  | { warned: Source; says: RegExp }
  /** The plan says it, or AWS's name for what Lifeboat made. */
  | { ours: string }
  /** No server has it, or it means nothing in another Region. */
  | { none: string };

/** The first interface of an ordinary server. */
export const nic = {
  Attachment: { DeviceIndex: 0 },
  SourceDestCheck: true,
  PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.10", Primary: true }],
};
const interfaceWith = (over: object): Source => ({ instance: { NetworkInterfaces: [{ ...nic, ...over }] } });
const secondary = interfaceWith({
  PrivateIpAddresses: [...nic.PrivateIpAddresses, { PrivateIpAddress: "10.0.0.20", Primary: false }],
});
const ipv6 = { ...interfaceWith({ Ipv6Addresses: [{ Ipv6Address: "2001:db8::1", IsPrimaryIpv6: true }] }), ipv6: true };
const ipv6Told = { warned: ipv6, says: /its IPv6 addresses 2001:db8::1 become others/ };
const bothIpv6 = {
  ...interfaceWith({
    PrivateIpAddresses: [...nic.PrivateIpAddresses, { PrivateIpAddress: "10.0.0.20", Primary: false }],
    Ipv6Addresses: [{ Ipv6Address: "2001:db8::1", IsPrimaryIpv6: true }],
  }),
  ipv6: true,
};
const placed = (Placement: object): Source => ({
  instance: { Placement: { AvailabilityZone: "eu-west-1a", ...Placement } },
});
const metadata = (over: object): Source => ({
  instance: { MetadataOptions: { HttpTokens: "required", HttpEndpoint: "enabled", ...over } },
});
const protectedBy = (over: object): Source => ({ found: { protections: { at: "", ...over } } });
const onDisk = "the authorized keys are on the root disk";
const spot = {
  warned: { instance: { InstanceLifecycle: "spot" } },
  says: /it is a Spot instance and comes up On-Demand/,
};
const group = { warned: placed({ GroupName: "near" }), says: /outside its placement group near/ };
const host = { warned: placed({ Tenancy: "host", HostId: "h-1" }), says: /Dedicated Host \(h-1\)/ };
const zone = { none: "its subnet decides" };
const secondaryInterfaces = {
  warned: { instance: { SecondaryInterfaces: [{}] } },
  says: /1 interfaces in secondary subnets/,
};
const image = {
  warned: { instance: { VirtualizationType: "paravirtual" } },
  says: /no image with the kernel of a paravirtual server/,
};
const gone = { none: "AWS has ended the service" };
const reserved = { ours: "launch.capacityReservation" };
const prefixes = {
  warned: interfaceWith({ Ipv4Prefixes: [{}] }),
  says: /the 1 address prefixes of its interface are not made/,
};
const outpost = { warned: { instance: { OutpostArn: "arn:aws:outposts:o" } }, says: /place on arn:aws:outposts:o/ };
const srd = {
  warned: interfaceWith({ Attachment: { DeviceIndex: 0, EnaSrdSpecification: { EnaSrdEnabled: true } } }),
  says: /ENA Express/,
};
const tracking = {
  warned: interfaceWith({ ConnectionTrackingConfiguration: { UdpTimeout: 60 } }),
  says: /timeouts of connection tracking/,
};
const licence = {
  warned: { instance: { Licenses: [{ LicenseConfigurationArn: "arn:l" }] } },
  says: /license configurations are left out: arn:l/,
};

export const rows: Record<string, Row> = {
  MaxCount: { ours: "one" },
  MinCount: { ours: "one" },
  DryRun: { none: "a call for rights" },
  ClientToken: { ours: "invariant 5" },
  "BlockDeviceMappings.DeviceName": { carried: {}, as: "/dev/xvda" },
  "BlockDeviceMappings.NoDevice": {
    none: "a device that an image has and a launch leaves out: its image has what it had",
  },
  "BlockDeviceMappings.VirtualName": { none: "instance store volumes: they come up empty, which is told" },
  "BlockDeviceMappings.Ebs.DeleteOnTermination": { carried: {}, as: true },
  "BlockDeviceMappings.Ebs.Iops": { carried: { volumes: [{ VolumeType: "io2", Iops: 4_000 }] }, as: 4_000 },
  "BlockDeviceMappings.Ebs.SnapshotId": { ours: "the copy" },
  "BlockDeviceMappings.Ebs.VolumeSize": { ours: "that of its copy" },
  "BlockDeviceMappings.Ebs.VolumeType": { carried: { volumes: [{ VolumeType: "gp2" }] }, as: "gp2" },
  "BlockDeviceMappings.Ebs.KmsKeyId": { ours: "encryptKey" },
  "BlockDeviceMappings.Ebs.Throughput": { carried: { volumes: [{ VolumeType: "gp3", Throughput: 250 }] }, as: 250 },
  "BlockDeviceMappings.Ebs.Encrypted": { ours: "encryptKey, and what the copy is" },
  "BlockDeviceMappings.Ebs.VolumeInitializationRate": { ours: "launch.initializationRate" },
  "BlockDeviceMappings.Ebs.EbsCardIndex": {
    none: "EC2 spreads volumes over the cards of a type; its own type may have others",
  },
  "BlockDeviceMappings.Ebs.OutpostArn": outpost,
  "BlockDeviceMappings.Ebs.AvailabilityZone": zone,
  "BlockDeviceMappings.Ebs.AvailabilityZoneId": zone,
  ImageId: { ours: "the point's image" },
  InstanceType: { ours: "launch.instanceTypes" },
  KernelId: image,
  RamdiskId: image,
  KeyName: { none: onDisk },
  AdditionalInfo: { none: "reserved by AWS" },
  Ipv6AddressCount: { carried: ipv6, as: 1 },
  "Ipv6Addresses.Ipv6Address": ipv6Told,
  "Ipv6Addresses.IsPrimaryIpv6": { none: "EnablePrimaryIpv6 says it" },
  EnablePrimaryIpv6: { carried: ipv6, as: true },
  "Monitoring.Enabled": { carried: { instance: { Monitoring: { State: "enabled" } } }, as: true },
  "Placement.Tenancy": { carried: placed({ Tenancy: "dedicated" }), as: "dedicated" },
  "Placement.GroupName": group,
  "Placement.GroupId": group,
  "Placement.PartitionNumber": group,
  "Placement.SpreadDomain": group,
  "Placement.HostId": host,
  "Placement.Affinity": host,
  "Placement.HostResourceGroupArn": {
    warned: placed({ Tenancy: "host", HostResourceGroupArn: "arn:g" }),
    says: /Dedicated Host \(arn:g\)/,
  },
  "Placement.AvailabilityZone": zone,
  "Placement.AvailabilityZoneId": zone,
  SecurityGroupIds: { ours: "launch.securityGroups" },
  SecurityGroups: { none: "names of EC2-Classic" },
  SubnetId: { ours: "launch.subnets" },
  UserData: { carried: { found: { userData: "IyE=" } }, as: "IyE=" },
  "ElasticGpuSpecification.Type": gone,
  "ElasticInferenceAccelerators.Type": gone,
  "ElasticInferenceAccelerators.Count": gone,
  "TagSpecifications.ResourceType": { ours: "" },
  "TagSpecifications.Tags.Key": { ours: "tagsOf" },
  "TagSpecifications.Tags.Value": { ours: "tagsOf" },
  "LaunchTemplate.LaunchTemplateId": { none: "it is of its Region" },
  "LaunchTemplate.LaunchTemplateName": { none: "it is of its Region" },
  "LaunchTemplate.Version": { none: "it is of its Region" },
  "InstanceMarketOptions.MarketType": spot,
  "InstanceMarketOptions.SpotOptions.MaxPrice": spot,
  "InstanceMarketOptions.SpotOptions.SpotInstanceType": spot,
  "InstanceMarketOptions.SpotOptions.BlockDurationMinutes": spot,
  "InstanceMarketOptions.SpotOptions.ValidUntil": spot,
  "InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior": spot,
  "CreditSpecification.CpuCredits": {
    carried: { instance: { InstanceType: "t3.large" }, found: { credits: "standard" } },
    as: "standard",
  },
  "CpuOptions.CoreCount": {
    carried: { instance: { CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } }, found: { vcpus: 2 } },
    as: 1,
  },
  "CpuOptions.ThreadsPerCore": {
    carried: { instance: { CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } }, found: { vcpus: 2 } },
    as: 1,
  },
  "CpuOptions.AmdSevSnp": {
    carried: { instance: { CpuOptions: { CoreCount: 1, ThreadsPerCore: 2, AmdSevSnp: "enabled" } } },
    as: "enabled",
  },
  "CpuOptions.NestedVirtualization": {
    carried: { instance: { CpuOptions: { CoreCount: 1, ThreadsPerCore: 2, NestedVirtualization: "enabled" } } },
    as: "enabled",
  },
  "CapacityReservationSpecification.CapacityReservationPreference": {
    carried: { instance: { CapacityReservationSpecification: { CapacityReservationPreference: "none" } } },
    as: "none",
  },
  "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationId": reserved,
  "CapacityReservationSpecification.CapacityReservationTarget.CapacityReservationResourceGroupArn": reserved,
  "HibernationOptions.Configured": {
    carried: { instance: { HibernationOptions: { Configured: true } }, volumes: [{ Encrypted: true }] },
    as: true,
  },
  "LicenseSpecifications.LicenseConfigurationArn": licence,
  "MetadataOptions.HttpTokens": { carried: metadata({}), as: "required" },
  "MetadataOptions.HttpPutResponseHopLimit": { carried: metadata({ HttpPutResponseHopLimit: 3 }), as: 3 },
  "MetadataOptions.HttpEndpoint": { carried: metadata({ HttpEndpoint: "disabled" }), as: "disabled" },
  "MetadataOptions.HttpProtocolIpv6": {
    carried: { ...metadata({ HttpProtocolIpv6: "enabled" }), ipv6: true },
    as: "enabled",
  },
  "MetadataOptions.InstanceMetadataTags": { carried: metadata({ InstanceMetadataTags: "enabled" }), as: "enabled" },
  "EnclaveOptions.Enabled": { carried: { instance: { EnclaveOptions: { Enabled: true } } }, as: true },
  "PrivateDnsNameOptions.HostnameType": {
    carried: { instance: { PrivateDnsNameOptions: { HostnameType: "resource-name" } }, ipv6: true },
    as: "resource-name",
  },
  "PrivateDnsNameOptions.EnableResourceNameDnsARecord": {
    carried: { instance: { PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true } } },
    as: true,
  },
  "PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord": {
    carried: { instance: { PrivateDnsNameOptions: { EnableResourceNameDnsAAAARecord: true } }, ipv6: true },
    as: true,
  },
  "MaintenanceOptions.AutoRecovery": {
    carried: { instance: { MaintenanceOptions: { AutoRecovery: "disabled" } } },
    as: "disabled",
  },
  "NetworkPerformanceOptions.BandwidthWeighting": {
    carried: { instance: { NetworkPerformanceOptions: { BandwidthWeighting: "vpc-1" } } },
    as: "vpc-1",
  },
  DisableApiStop: { warned: protectedBy({ stop: true }), says: /its stop protection is not set/ },
  DisableApiTermination: { warned: protectedBy({ termination: true }), says: /its termination protection is not set/ },
  InstanceInitiatedShutdownBehavior: { carried: protectedBy({ endsItself: true }), as: "terminate" },
  "Operator.Principal": {
    warned: { instance: { Operator: { Managed: true, Principal: "eks.amazonaws.com" } } },
    says: /operator eks\.amazonaws\.com/,
  },
  "SecondaryInterfaces.DeleteOnTermination": secondaryInterfaces,
  "SecondaryInterfaces.DeviceIndex": secondaryInterfaces,
  "SecondaryInterfaces.PrivateIpAddresses.PrivateIpAddress": secondaryInterfaces,
  "SecondaryInterfaces.PrivateIpAddressCount": secondaryInterfaces,
  "SecondaryInterfaces.SecondarySubnetId": secondaryInterfaces,
  "SecondaryInterfaces.InterfaceType": secondaryInterfaces,
  "SecondaryInterfaces.NetworkCardIndex": secondaryInterfaces,
  PrivateIpAddress: { carried: {}, as: "10.0.0.10" },
  "NetworkInterfaces.AssociatePublicIpAddress": {
    warned: { instance: { PublicIpAddress: "192.0.2.7" } },
    says: /its public address 192\.0\.2\.7 becomes another/,
  },
  "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress": { carried: secondary, as: "10.0.0.10" },
  "NetworkInterfaces.PrivateIpAddresses.Primary": { carried: secondary, as: true },
  "NetworkInterfaces.SecondaryPrivateIpAddressCount": { ours: "where the plan's address is auto" },
  "NetworkInterfaces.PrivateIpAddress": { ours: "PrivateIpAddresses names it" },
  "NetworkInterfaces.SubnetId": { ours: "launch.subnets" },
  "NetworkInterfaces.Groups": { ours: "launch.securityGroups" },
  "NetworkInterfaces.DeviceIndex": { ours: "the first" },
  "NetworkInterfaces.DeleteOnTermination": { ours: "what Lifeboat makes goes with its instance" },
  "NetworkInterfaces.Description": { none: "a text for people" },
  "NetworkInterfaces.NetworkInterfaceId": { none: "it is of its Region" },
  "NetworkInterfaces.NetworkCardIndex": {
    warned: { instance: { NetworkInterfaces: [nic, { Attachment: { DeviceIndex: 1 } }] } },
    says: /only the first of its 2 network interfaces/,
  },
  "NetworkInterfaces.Ipv6AddressCount": { carried: bothIpv6, as: 1 },
  "NetworkInterfaces.Ipv6Addresses.Ipv6Address": ipv6Told,
  "NetworkInterfaces.Ipv6Addresses.IsPrimaryIpv6": { none: "PrimaryIpv6 says it" },
  "NetworkInterfaces.PrimaryIpv6": { carried: bothIpv6, as: true },
  "NetworkInterfaces.InterfaceType": {
    warned: interfaceWith({ InterfaceType: "efa" }),
    says: /its interface of type efa/,
  },
  "NetworkInterfaces.AssociateCarrierIpAddress": { none: "of Wavelength Zones, which no plan names" },
  "NetworkInterfaces.Ipv4Prefixes.Ipv4Prefix": prefixes,
  "NetworkInterfaces.Ipv4PrefixCount": prefixes,
  "NetworkInterfaces.Ipv6Prefixes.Ipv6Prefix": prefixes,
  "NetworkInterfaces.Ipv6PrefixCount": prefixes,
  "NetworkInterfaces.EnaSrdSpecification.EnaSrdEnabled": srd,
  "NetworkInterfaces.EnaSrdSpecification.EnaSrdUdpSpecification.EnaSrdUdpEnabled": srd,
  "NetworkInterfaces.EnaQueueCount": {
    warned: interfaceWith({ Attachment: { DeviceIndex: 0, EnaQueueCount: 4 } }),
    says: /4 ENA queues/,
  },
  "NetworkInterfaces.ConnectionTrackingSpecification.TcpEstablishedTimeout": tracking,
  "NetworkInterfaces.ConnectionTrackingSpecification.UdpStreamTimeout": tracking,
  "NetworkInterfaces.ConnectionTrackingSpecification.UdpTimeout": tracking,
  "IamInstanceProfile.Arn": { ours: "launch.instanceProfile" },
  "IamInstanceProfile.Name": {
    carried: { instance: { IamInstanceProfile: { Arn: "arn:aws:iam::1:instance-profile/web" } } },
    as: "web",
  },
  EbsOptimized: { carried: { instance: { EbsOptimized: true } }, as: true },
};
