import { describe, expect, test } from "vitest";
import { launchSettings, showsInMetadata } from "../../../../functions/core/instances/launch/launch-settings.ts";
import type { Placement } from "../../../../functions/core/instances/launch/placement.ts";
import type { Launch } from "../../../../functions/core/model/plan.ts";
import type { Manifest } from "../../../../functions/core/model/recovery-point.ts";
import type { ServerSettings } from "../../../../functions/core/model/server-settings.ts";
import { aManifest, aResource } from "../../../support/builders.ts";

const metadata = { hopLimit: 2, endpoint: "enabled", tags: "enabled", ipv6: "disabled" };
const slot: Placement = {
  name: "m5.large/subnet-a",
  instanceType: "m5.large",
  subnet: "subnet-a",
  zone: "eu-central-1a",
  address: "10.0.0.10",
};
type Over = {
  settings?: Partial<ServerSettings>;
  manifest?: Partial<Manifest>;
  launch?: Partial<Launch>;
  slot?: Partial<Placement>;
  tags?: string[];
};
const play = ({ settings = {}, manifest = {}, launch = {}, tags = ["Name"], ...over }: Over) =>
  launchSettings({
    launch: { ...aResource().launch, ...launch },
    manifest: aManifest({ settings: { metadata, ...settings }, ...manifest }),
    slot: { ...slot, ...over.slot },
    securityGroups: ["sg-1"],
    tags,
  });
const whole = { HttpTokens: "required", HttpEndpoint: "enabled", HttpPutResponseHopLimit: 2 };
const ordinary = {
  SubnetId: "subnet-a",
  SecurityGroupIds: ["sg-1"],
  PrivateIpAddress: "10.0.0.10",
  EbsOptimized: true,
  MetadataOptions: { ...whole, InstanceMetadataTags: "enabled" },
};

describe("the settings of a server on its launch", () => {
  test("an ordinary server has its metadata options and its place, no more", () => expect(play({})).toEqual(ordinary));

  test.each<[string, Over, object]>([
    [
      "a metadata service that is off, of which no more may be said",
      { settings: { metadata: { endpoint: "disabled" } } },
      { MetadataOptions: { HttpEndpoint: "disabled" } },
    ],
    [
      "what the plan says of metadata",
      { launch: { metadata: { tokens: "optional", hopLimit: 3, tags: "disabled" } } },
      {
        MetadataOptions: {
          ...whole,
          HttpTokens: "optional",
          HttpPutResponseHopLimit: 3,
          InstanceMetadataTags: "disabled",
        },
      },
    ],
    [
      "tags that must not show",
      { tags: ["Name", "cost centre"] },
      { MetadataOptions: { ...whole, InstanceMetadataTags: "disabled" } },
    ],
    [
      "metadata by IPv6 where the subnet has it",
      { settings: { metadata: { ...metadata, ipv6: "enabled" } }, slot: { ipv6: true } },
      { MetadataOptions: { ...ordinary.MetadataOptions, HttpProtocolIpv6: "enabled" } },
    ],
    ["detailed monitoring", { settings: { monitoring: true } }, { Monitoring: { Enabled: true } }],
    ["dedicated hardware", { settings: { tenancy: "dedicated" } }, { Placement: { Tenancy: "dedicated" } }],
    [
      "no auto recovery",
      { settings: { autoRecovery: "disabled" } },
      { MaintenanceOptions: { AutoRecovery: "disabled" } },
    ],
    [
      "CPU options",
      { settings: { cpu: { cores: 1, threads: 1, sevSnp: true } } },
      { CpuOptions: { CoreCount: 1, ThreadsPerCore: 1, AmdSevSnp: "enabled" } },
    ],
    ["enclaves", { settings: { enclave: true } }, { EnclaveOptions: { Enabled: true } }],
    [
      "a bandwidth weighting",
      { settings: { bandwidthWeighting: "vpc-1" } },
      { NetworkPerformanceOptions: { BandwidthWeighting: "vpc-1" } },
    ],
    [
      "a host name that answers by the id",
      { settings: { hostName: { type: "ip-name", a: true, aaaa: true } } },
      { PrivateDnsNameOptions: { HostnameType: "ip-name", EnableResourceNameDnsARecord: true } },
    ],
    [
      "IPv6 where the subnet has it",
      { settings: { ipv6Addresses: ["2001:db8::1"], primaryIpv6: true }, slot: { ipv6: true } },
      { Ipv6AddressCount: 1, EnablePrimaryIpv6: true },
    ],
    [
      "no reservation",
      { settings: { reservation: "none" } },
      { CapacityReservationSpecification: { CapacityReservationPreference: "none" } },
    ],
    [
      "the plan's reservation",
      { launch: { capacityReservation: "cr-0a" } },
      { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-0a" } } },
    ],
    [
      "the plan's group of reservations",
      { launch: { capacityReservation: "arn:aws:g" } },
      {
        CapacityReservationSpecification: {
          CapacityReservationTarget: { CapacityReservationResourceGroupArn: "arn:aws:g" },
        },
      },
    ],
    [
      "reservations only",
      { launch: { capacityReservation: "only" } },
      { CapacityReservationSpecification: { CapacityReservationPreference: "capacity-reservations-only" } },
    ],
  ])("%s", (_, over, expected) => expect(play(over)).toEqual({ ...ordinary, ...expected }));

  test.each<[string, Over]>([
    ["IPv6 in a subnet without it", { settings: { ipv6Addresses: ["2001:db8::1"] } }],
    [
      "a host name of the id in a subnet without IPv6",
      { settings: { hostName: { type: "resource-name", a: true, aaaa: false } } },
    ],
    ["a reservation of the source's Region", { settings: { reservation: "cr-9" } }],
    ["a Dedicated Host", { settings: { tenancy: "host", host: "h-1" } }],
    ["hibernation of a root volume that is not encrypted", { settings: { hibernation: true } }],
    ["credits of a type that has none", { settings: { credits: "standard" } }],
  ])("left out: %s", (_, over) => expect(play(over)).toEqual(ordinary));

  test("secondary addresses keep their host part where the slot says so, else EC2 chooses as many", () => {
    const interfaceOf = (over: Partial<Placement>) =>
      play({ settings: { secondaryAddresses: ["10.0.0.20"] }, slot: over }).NetworkInterfaces;
    const nic = { DeviceIndex: 0, SubnetId: "subnet-a", Groups: ["sg-1"], DeleteOnTermination: true };
    expect(interfaceOf({ secondary: ["10.1.0.20"] })).toEqual([
      {
        ...nic,
        PrivateIpAddresses: [
          { PrivateIpAddress: "10.0.0.10", Primary: true },
          { PrivateIpAddress: "10.1.0.20", Primary: false },
        ],
      },
    ]);
    expect(interfaceOf({ address: null })).toEqual([{ ...nic, SecondaryPrivateIpAddressCount: 1 }]);
    const request = play({ settings: { secondaryAddresses: ["10.0.0.20"] } });
    expect(request).not.toHaveProperty("SubnetId");
    expect(request).not.toHaveProperty("SecurityGroupIds");
    expect(request).not.toHaveProperty("PrivateIpAddress");
  });

  test("what hangs on the type is dropped with another one, credits go with every burstable one", () => {
    const settings = {
      ...({ cpu: { cores: 1, threads: 1 }, enclave: true, hibernation: true, bandwidthWeighting: "ebs-1" } as const),
      credits: "standard",
    };
    const { EbsOptimized: _, ...rest } = ordinary;
    expect(play({ settings, slot: { instanceType: "m6i.large" } })).toEqual(rest);
    expect(play({ settings, slot: { instanceType: "t3.large" } })).toEqual({
      ...rest,
      CreditSpecification: { CpuCredits: "standard" },
    });
  });

  test("an encrypted root volume can hibernate", () => {
    const volumes = aManifest().volumes.map((volume) => ({ ...volume, encrypted: true }));
    expect(play({ settings: { hibernation: true }, manifest: { volumes } })).toMatchObject({
      HibernationOptions: { Configured: true },
    });
  });

  test("a launch from a point without settings sets nothing but the metadata tokens", () => {
    const { settings: _, ...old } = aManifest();
    const request = launchSettings({ launch: aResource().launch, manifest: old, slot, securityGroups: [], tags: [] });
    expect(request.MetadataOptions).toEqual({ HttpTokens: "required" });
  });

  test.each([["Name"], ["lifeboat:server"], ["a_b-c+d=e.f,g@h"]])("%s may show in the metadata", (key) =>
    expect(showsInMetadata(key)).toBe(true),
  );
  test.each([["cost centre"], ["a/b"], ["."], [".."], ["_index"], ["kosten€"]])("%s may not", (key) =>
    expect(showsInMetadata(key)).toBe(false),
  );
});
