type Maybe<T> = { [K in keyof T]?: T[K] | undefined };

/** The part of an instance, as EC2 describes it, that says how it was launched and is of no other use here. */
export type SettingsShape = Maybe<{
  InstanceLifecycle: string;
  MetadataOptions: Maybe<{
    HttpTokens: string;
    HttpPutResponseHopLimit: number;
    HttpEndpoint: string;
    InstanceMetadataTags: string;
    HttpProtocolIpv6: string;
  }>;
  SourceDestCheck: boolean;
  Placement: Maybe<{
    AvailabilityZone: string;
    Tenancy: string;
    GroupName: string;
    HostId: string;
    HostResourceGroupArn: string;
  }>;
  VirtualizationType: string;
  OutpostArn: string;
  Operator: Maybe<{ Managed: boolean; Principal: string }>;
  SecondaryInterfaces: unknown[];
  CpuOptions: Maybe<{ CoreCount: number; ThreadsPerCore: number; AmdSevSnp: string; NestedVirtualization: string }>;
  Monitoring: Maybe<{ State: string }>;
  EnclaveOptions: Maybe<{ Enabled: boolean }>;
  HibernationOptions: Maybe<{ Configured: boolean }>;
  MaintenanceOptions: Maybe<{ AutoRecovery: string }>;
  NetworkPerformanceOptions: Maybe<{ BandwidthWeighting: string }>;
  PrivateDnsNameOptions: Maybe<{
    HostnameType: string;
    EnableResourceNameDnsARecord: boolean;
    EnableResourceNameDnsAAAARecord: boolean;
  }>;
  CapacityReservationSpecification: Maybe<{
    CapacityReservationPreference: string;
    CapacityReservationTarget: Maybe<{ CapacityReservationId: string; CapacityReservationResourceGroupArn: string }>;
  }>;
  Licenses: Maybe<{ LicenseConfigurationArn: string }>[];
  Ipv6Address: string;
  NetworkInterfaces: Maybe<{
    Attachment: Maybe<{
      DeviceIndex: number;
      EnaQueueCount: number;
      EnaSrdSpecification: Maybe<{ EnaSrdEnabled: boolean }>;
    }>;
    ConnectionTrackingConfiguration: object;
    InterfaceType: string;
    SourceDestCheck: boolean;
    PrivateIpAddresses: Maybe<{ PrivateIpAddress: string; Primary: boolean }>[];
    Ipv6Addresses: Maybe<{ Ipv6Address: string; IsPrimaryIpv6: boolean }>[];
    Ipv4Prefixes: unknown[];
    Ipv6Prefixes: unknown[];
  }>[];
}>;

/**
 * How a server was launched, beside what its manifest names by itself. `metadata` is whole, since the account may have
 * other defaults in each Region; of the rest what is absent is as AWS gives it to everybody.
 */
export type ServerSettings = {
  metadata: Maybe<{ hopLimit: number; endpoint: string; tags: string; ipv6: string }>;
  /** Its source/destination check is off: it forwards what is meant for others. */
  forwards?: true;
  /** Private IPv4 addresses of its first interface beside the primary one. */
  secondaryAddresses?: string[];
  ipv6Addresses?: string[];
  primaryIpv6?: true;
  /** Count of address prefixes that are delegated to its first interface. */
  prefixes?: number;
  /** `efa`, `efa-only`, ... */
  interfaceType?: string;
  /** What else a launch does not give back, in words. */
  others?: string[];
  spot?: true;
  /** dedicated or host. */
  tenancy?: string;
  placementGroup?: string;
  /** Id of its Dedicated Host, or ARN of the host resource group. */
  host?: string;
  cpu?: { cores: number; threads: number; sevSnp?: true; nested?: true };
  /** standard or unlimited; absent = not burstable, or not known. */
  credits?: string;
  monitoring?: true;
  enclave?: true;
  hibernation?: true;
  autoRecovery?: "disabled";
  bandwidthWeighting?: string;
  hostName?: { type: string; a: boolean; aaaa: boolean };
  /** none or capacity-reservations-only, or the id or ARN that it is targeted at. */
  reservation?: string;
  licenses?: string[];
  /** Read of a few servers with each pass, at `at` (ISO 8601); absent: not yet. */
  protections?: { at: string; stop?: true; termination?: true; endsItself?: true };
};

type Read = {
  vcpus?: number | null | undefined;
  credits?: string | null | undefined;
  protections?: ServerSettings["protections"];
};

/** `vcpus`: what its type has by default, `credits`: its CPU credits; null = not known. */
export const serverSettings = (
  instance: SettingsShape,
  { vcpus = null, credits = null, protections }: Read = {},
): ServerSettings => {
  const { MetadataOptions = {}, Placement = {}, CapacityReservationSpecification: reserved = {} } = instance;
  const first = firstInterface(instance);
  const secondary = (first.PrivateIpAddresses ?? []).flatMap(({ PrivateIpAddress, Primary }) =>
    Primary || !PrivateIpAddress ? [] : PrivateIpAddress,
  );
  const ipv6 = (first.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? []);
  const prefixes = (first.Ipv4Prefixes?.length ?? 0) + (first.Ipv6Prefixes?.length ?? 0);
  const target = reserved.CapacityReservationTarget;
  const preference = reserved.CapacityReservationPreference;
  const licenses = (instance.Licenses ?? []).flatMap(({ LicenseConfigurationArn }) => LicenseConfigurationArn ?? []);
  const tenancy = Placement.Tenancy ?? "default";
  const weighting = instance.NetworkPerformanceOptions?.BandwidthWeighting ?? "default";
  return present<ServerSettings>({
    metadata: present({
      hopLimit: MetadataOptions.HttpPutResponseHopLimit,
      endpoint: MetadataOptions.HttpEndpoint,
      tags: MetadataOptions.InstanceMetadataTags,
      ipv6: MetadataOptions.HttpProtocolIpv6,
    }),
    forwards: yes(instance.SourceDestCheck === false || first.SourceDestCheck === false),
    secondaryAddresses: some(secondary),
    ipv6Addresses: some(ipv6.length || !instance.Ipv6Address ? ipv6 : [instance.Ipv6Address]),
    primaryIpv6: yes((first.Ipv6Addresses ?? []).some(({ IsPrimaryIpv6 }) => IsPrimaryIpv6)),
    prefixes: prefixes || undefined,
    interfaceType: first.InterfaceType === "interface" ? undefined : first.InterfaceType,
    others: some(othersOf(instance)),
    spot: yes(instance.InstanceLifecycle === "spot"),
    tenancy: tenancy === "default" ? undefined : tenancy,
    placementGroup: Placement.GroupName || undefined,
    host: Placement.HostId ?? Placement.HostResourceGroupArn,
    cpu: cpuOf(instance.CpuOptions ?? {}, vcpus),
    credits: credits ?? undefined,
    monitoring: yes(/^(enabled|pending)$/.test(instance.Monitoring?.State ?? "")),
    enclave: yes(instance.EnclaveOptions?.Enabled),
    hibernation: yes(instance.HibernationOptions?.Configured),
    autoRecovery: instance.MaintenanceOptions?.AutoRecovery === "disabled" ? "disabled" : undefined,
    bandwidthWeighting: weighting === "default" ? undefined : weighting,
    hostName: hostNameOf(instance.PrivateDnsNameOptions ?? {}),
    reservation:
      target?.CapacityReservationId ??
      target?.CapacityReservationResourceGroupArn ??
      (preference === "open" ? undefined : preference),
    licenses: some(licenses),
    protections,
  });
};

/** The interface that the server was launched with; EC2 lists them in no order. */
const firstInterface = ({ NetworkInterfaces = [] }: SettingsShape) =>
  NetworkInterfaces.find(({ Attachment }) => Attachment?.DeviceIndex === 0) ?? NetworkInterfaces[0] ?? {};

/** Settings of its first interface, and of its place, that no plan has a word for. */
const othersOf = (instance: SettingsShape): string[] => {
  const { Attachment = {}, ConnectionTrackingConfiguration: tracking } = firstInterface(instance);
  const { Operator, OutpostArn, SecondaryInterfaces, InstanceLifecycle: bought } = instance;
  const found: [unknown, string][] = [
    [Attachment.EnaSrdSpecification?.EnaSrdEnabled, "ENA Express"],
    [Attachment.EnaQueueCount, `${Attachment.EnaQueueCount} ENA queues`],
    [tracking && Object.values(tracking).some((seconds) => seconds !== undefined), "timeouts of connection tracking"],
    [SecondaryInterfaces?.length, `${SecondaryInterfaces?.length} interfaces in secondary subnets`],
    [OutpostArn, `place on ${OutpostArn}`],
    [Operator?.Managed, `operator ${Operator?.Principal ?? "of another service"}`],
    [bought && bought !== "spot", `purchase as ${bought}`],
  ];
  return found.flatMap(([isSo, what]) => (isSo ? what : []));
};

/** EC2 tells cores and threads of every instance: only other ones than its type has are a setting. */
const cpuOf = (
  { CoreCount, ThreadsPerCore, AmdSevSnp, NestedVirtualization }: SettingsShape["CpuOptions"] & object,
  vcpus: number | null,
): ServerSettings["cpu"] => {
  if (!CoreCount || !ThreadsPerCore) return undefined;
  const extra = present<{ sevSnp?: true; nested?: true }>({
    sevSnp: yes(AmdSevSnp === "enabled"),
    nested: yes(NestedVirtualization === "enabled"),
  });
  const isDefault = !vcpus || CoreCount * ThreadsPerCore === vcpus;
  return isDefault && !extra.sevSnp && !extra.nested
    ? undefined
    : { cores: CoreCount, threads: ThreadsPerCore, ...extra };
};

const hostNameOf = ({
  HostnameType: type = "ip-name",
  EnableResourceNameDnsARecord: a = false,
  EnableResourceNameDnsAAAARecord: aaaa = false,
}: SettingsShape["PrivateDnsNameOptions"] & object) =>
  type === "ip-name" && !a && !aaaa ? undefined : { type, a, aaaa };

const yes = (isSo: boolean | undefined): true | undefined => (isSo ? true : undefined);
const some = <T>(values: T[]): T[] | undefined => (values.length ? values : undefined);
/** What is undefined is left out: a manifest is stored, and compared. */
const present = <T extends object>(all: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;
