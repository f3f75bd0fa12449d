import { describe, expect, test } from "vitest";
import { type SettingsShape, serverSettings } from "../../../functions/core/model/server-settings.ts";

/** As EC2 describes a server to which nobody gave anything. */
const plain: SettingsShape = {
  MetadataOptions: {
    HttpTokens: "required",
    HttpPutResponseHopLimit: 2,
    HttpEndpoint: "enabled",
    InstanceMetadataTags: "disabled",
    HttpProtocolIpv6: "disabled",
  },
  SourceDestCheck: true,
  Placement: { AvailabilityZone: "eu-west-1a", Tenancy: "default", GroupName: "" },
  CpuOptions: { CoreCount: 2, ThreadsPerCore: 2 },
  Monitoring: { State: "disabled" },
  EnclaveOptions: { Enabled: false },
  HibernationOptions: { Configured: false },
  MaintenanceOptions: { AutoRecovery: "default" },
  NetworkPerformanceOptions: { BandwidthWeighting: "default" },
  PrivateDnsNameOptions: { HostnameType: "ip-name", EnableResourceNameDnsARecord: false },
  CapacityReservationSpecification: { CapacityReservationPreference: "open" },
  NetworkInterfaces: [
    {
      Attachment: { DeviceIndex: 0 },
      InterfaceType: "interface",
      SourceDestCheck: true,
      PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.10", Primary: true }],
      Ipv6Addresses: [],
    },
  ],
};
const metadata = { hopLimit: 2, endpoint: "enabled", tags: "disabled", ipv6: "disabled" };
const [first] = plain.NetworkInterfaces!;

describe("the settings of a server", () => {
  test("the settings of a server are its metadata options alone when it was launched with nothing else", () => {
    expect(serverSettings(plain, { vcpus: 4 })).toEqual({ metadata });
  });

  test.each<[string, SettingsShape, object]>([
    ["a router", { SourceDestCheck: false }, { forwards: true }],
    [
      "secondary addresses of the first interface, wherever it is listed",
      {
        NetworkInterfaces: [
          { Attachment: { DeviceIndex: 1 }, PrivateIpAddresses: [{ PrivateIpAddress: "10.0.1.9", Primary: false }] },
          {
            ...first,
            PrivateIpAddresses: [
              { PrivateIpAddress: "10.0.0.20", Primary: false },
              { PrivateIpAddress: "10.0.0.10", Primary: true },
            ],
          },
        ],
      },
      { secondaryAddresses: ["10.0.0.20"] },
    ],
    [
      "IPv6",
      { NetworkInterfaces: [{ ...first, Ipv6Addresses: [{ Ipv6Address: "2001:db8::1", IsPrimaryIpv6: true }] }] },
      { ipv6Addresses: ["2001:db8::1"], primaryIpv6: true },
    ],
    ["delegated prefixes", { NetworkInterfaces: [{ ...first, Ipv4Prefixes: [{}, {}] }] }, { prefixes: 2 }],
    ["an EFA", { NetworkInterfaces: [{ ...first, InterfaceType: "efa" }] }, { interfaceType: "efa" }],
    ["Spot", { InstanceLifecycle: "spot" }, { spot: true }],
    ["dedicated hardware", { Placement: { Tenancy: "dedicated" } }, { tenancy: "dedicated" }],
    [
      "a host and a group",
      { Placement: { Tenancy: "host", HostId: "h-1", GroupName: "near" } },
      { tenancy: "host", host: "h-1", placementGroup: "near" },
    ],
    ["one thread a core", { CpuOptions: { CoreCount: 2, ThreadsPerCore: 1 } }, { cpu: { cores: 2, threads: 1 } }],
    [
      "AMD SEV-SNP",
      { CpuOptions: { CoreCount: 2, ThreadsPerCore: 2, AmdSevSnp: "enabled" } },
      { cpu: { cores: 2, threads: 2, sevSnp: true } },
    ],
    ["detailed monitoring", { Monitoring: { State: "enabled" } }, { monitoring: true }],
    ["enclaves", { EnclaveOptions: { Enabled: true } }, { enclave: true }],
    ["hibernation", { HibernationOptions: { Configured: true } }, { hibernation: true }],
    ["no auto recovery", { MaintenanceOptions: { AutoRecovery: "disabled" } }, { autoRecovery: "disabled" }],
    ["a weighting", { NetworkPerformanceOptions: { BandwidthWeighting: "ebs-1" } }, { bandwidthWeighting: "ebs-1" }],
    [
      "a host name of its id",
      { PrivateDnsNameOptions: { HostnameType: "resource-name", EnableResourceNameDnsARecord: true } },
      { hostName: { type: "resource-name", a: true, aaaa: false } },
    ],
    [
      "no reservation",
      { CapacityReservationSpecification: { CapacityReservationPreference: "none" } },
      { reservation: "none" },
    ],
    [
      "a reservation of its own",
      { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-1" } } },
      { reservation: "cr-1" },
    ],
    ["licences", { Licenses: [{ LicenseConfigurationArn: "arn:l" }] }, { licenses: ["arn:l"] }],
  ])("%s", (_, over, expected) => {
    expect(serverSettings({ ...plain, ...over }, { vcpus: 4 })).toEqual({ metadata, ...expected });
  });

  test("credits are said of whom they are known", () => {
    expect(serverSettings(plain, { credits: "standard" })).toEqual({ metadata, credits: "standard" });
  });

  test("fewer cores than usual are no setting while nobody knows what is usual", () => {
    expect(serverSettings({ ...plain, CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } })).toEqual({ metadata });
  });
});
