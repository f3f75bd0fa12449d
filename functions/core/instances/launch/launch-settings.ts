import type { Launch } from "../../model/plan.ts";
import type { Manifest } from "../../model/recovery-point.ts";
import type { ServerSettings } from "../../model/server-settings.ts";
import type { Placement } from "./placement.ts";

type Given = { launch: Launch; manifest: Manifest; slot: Placement; securityGroups: string[]; tags: string[] };

/**
 * How the server is launched again as it was: the part of a RunInstances request that its settings and the plan ask for.
 * What hangs on the instance type goes with the source's own only; a Region's own things (groups, hosts, reservations,
 * licences) go nowhere: `judgeSettings` names them.
 */
export const launchSettings = (given: Given) => {
  const { launch, manifest, slot } = given;
  const { settings } = manifest;
  const isSame = slot.instanceType === manifest.instanceType;
  const own = isSame ? settings : undefined;
  const reservation = reservationOf(launch, settings);
  return {
    MetadataOptions: metadataOptions(given),
    ...networkOf(given),
    ...(settings?.monitoring && { Monitoring: { Enabled: true } }),
    ...(settings?.tenancy === "dedicated" && { Placement: { Tenancy: "dedicated" as const } }),
    ...(settings?.protections?.endsItself && { InstanceInitiatedShutdownBehavior: "terminate" as const }),
    ...(settings?.autoRecovery && { MaintenanceOptions: { AutoRecovery: settings.autoRecovery } }),
    ...(settings?.credits &&
      isBurstable(slot.instanceType) && { CreditSpecification: { CpuCredits: settings.credits } }),
    ...(settings?.hostName && hostNameFits(settings, slot) && { PrivateDnsNameOptions: hostNameOf(settings, slot) }),
    ...(reservation && { CapacityReservationSpecification: reservation }),
    ...(own?.cpu && {
      CpuOptions: {
        CoreCount: own.cpu.cores,
        ThreadsPerCore: own.cpu.threads,
        ...(own.cpu.sevSnp && { AmdSevSnp: "enabled" as const }),
        ...(own.cpu.nested && { NestedVirtualization: "enabled" as const }),
      },
    }),
    ...(own?.enclave && { EnclaveOptions: { Enabled: true } }),
    ...(own?.hibernation && canHibernate(manifest) && { HibernationOptions: { Configured: true } }),
    ...(own?.bandwidthWeighting && {
      NetworkPerformanceOptions: { BandwidthWeighting: own.bandwidthWeighting as "default" },
    }),
    ...(isSame && manifest.ebsOptimized && { EbsOptimized: true }),
  };
};

export const isBurstable = (type: string) => /^t\d/.test(type);

/** Hibernation writes memory to the root volume, which must be encrypted. [EC2: hibernating-prerequisites] */
export const canHibernate = ({ rootDevice, volumes }: Manifest) =>
  volumes.some(({ device, encrypted }) => device === rootDevice && encrypted);

/** A name by the instance's id needs a subnet that has IPv6. [SDK EC2: PrivateDnsNameOptionsRequest] */
const hostNameFits = ({ hostName }: ServerSettings, slot: Placement) =>
  hostName?.type === "ip-name" || slot.ipv6 === true;

const hostNameOf = ({ hostName }: ServerSettings, slot: Placement) => ({
  HostnameType: hostName?.type as "ip-name",
  EnableResourceNameDnsARecord: hostName?.a ?? false,
  ...(slot.ipv6 && { EnableResourceNameDnsAAAARecord: hostName?.aaaa ?? false }),
});

/** Keys that may show in the instance metadata; with another one the launch is refused. [EC2: work-with-tags-in-IMDS] */
export const showsInMetadata = (key: string) => /^[\w+\-=.,@:]+$/.test(key) && !/^(\.{1,2}|_index)$/.test(key);

/** Nothing may be said of a metadata service that is switched off. [EC2: configuring-instance-metadata-options] */
const metadataOptions = ({ launch, manifest, slot, tags }: Given) => {
  const { settings, metadataTokens } = manifest;
  const known = settings?.metadata ?? {};
  const planned = launch.metadata ?? {};
  const endpoint = planned.endpoint ?? known.endpoint;
  if (endpoint === "disabled") return { HttpEndpoint: "disabled" as const };
  const hopLimit = planned.hopLimit ?? known.hopLimit;
  const wanted = planned.tags ?? known.tags;
  const shown = wanted === "enabled" && !tags.every(showsInMetadata) ? "disabled" : wanted;
  return {
    HttpTokens: (planned.tokens ?? metadataTokens) === "required" ? ("required" as const) : ("optional" as const),
    ...(endpoint && { HttpEndpoint: "enabled" as const }),
    ...(hopLimit && { HttpPutResponseHopLimit: hopLimit }),
    ...(shown && { InstanceMetadataTags: shown as "enabled" }),
    ...(known.ipv6 === "enabled" && slot.ipv6 && { HttpProtocolIpv6: "enabled" as const }),
  };
};

/** Subnet and addresses stand in the request itself, or in its first interface: never in both. [SDK EC2: RunInstancesRequest] */
const networkOf = ({ manifest, slot, securityGroups }: Given) => {
  const { secondaryAddresses = [], ipv6Addresses = [], primaryIpv6 = false } = manifest.settings ?? {};
  const ipv6Count = slot.ipv6 ? ipv6Addresses.length : 0;
  const ipv6 = ipv6Count > 0 && { Ipv6AddressCount: ipv6Count };
  if (secondaryAddresses.length === 0)
    return {
      SubnetId: slot.subnet,
      SecurityGroupIds: securityGroups,
      ...(slot.address && { PrivateIpAddress: slot.address }),
      ...ipv6,
      ...(ipv6 && primaryIpv6 && { EnablePrimaryIpv6: true }),
    };
  const first = {
    DeviceIndex: 0,
    SubnetId: slot.subnet,
    Groups: securityGroups,
    DeleteOnTermination: true,
    ...addressesOf(slot, secondaryAddresses.length),
    ...ipv6,
    ...(ipv6 && primaryIpv6 && { PrimaryIpv6: true }),
  };
  return { NetworkInterfaces: [first] };
};

const addressesOf = ({ address, secondary }: Placement, count: number) =>
  address && secondary
    ? {
        PrivateIpAddresses: [address, ...secondary].map((PrivateIpAddress, at) => ({
          PrivateIpAddress,
          Primary: at === 0,
        })),
      }
    : { ...(address && { PrivateIpAddress: address }), SecondaryPrivateIpAddressCount: count };

/** What the plan says, else that the source wants none; a reservation of the source's Region is of no use. */
const reservationOf = ({ capacityReservation: planned }: Launch, settings: ServerSettings | undefined) => {
  const wanted = planned ?? (settings?.reservation === "none" ? "none" : undefined);
  if (!wanted) return undefined;
  if (wanted === "open" || wanted === "none") return { CapacityReservationPreference: wanted as "open" | "none" };
  if (wanted === "only") return { CapacityReservationPreference: "capacity-reservations-only" as const };
  return {
    CapacityReservationTarget: wanted.startsWith("arn:")
      ? { CapacityReservationResourceGroupArn: wanted }
      : { CapacityReservationId: wanted },
  };
};
