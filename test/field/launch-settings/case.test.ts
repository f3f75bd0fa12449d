import { describe, expect, it } from "vitest";
import { manifestOf } from "../../../functions/core/instances/capture/describe-server.ts";
import { launchRequest } from "../../../functions/core/instances/launch/launch-request.ts";
import { judgeManifest } from "../../../functions/core/instances/launch/preflight-rules.ts";
import { aResource, aRun, aServer } from "../../support/builders.ts";

/**
 * Settings of the source instance that a launch could lose without a word, one row each. Each is on RunInstances (or its
 * network interface), or the warnings of Preflight name it.
 * [buildkite/elastic-ci-stack-for-aws#857, terraform-provider-aws#22502 #2751, cluster-api-provider-aws#4247 #5599]
 */
/** One server as DescribeInstances shows it, with one setting that a launch without it loses. */
const base = {
  InstanceId: "i-0c1",
  InstanceType: "t3.large",
  Architecture: "x86_64",
  LaunchTime: new Date("2026-01-01"),
  Placement: { AvailabilityZone: "eu-west-1a" },
  SubnetId: "subnet-src",
  PrivateIpAddress: "10.0.0.10",
  SecurityGroups: [{ GroupId: "sg-a" }],
  EnaSupport: true,
  RootDeviceName: "/dev/xvda",
  PlatformDetails: "Linux/UNIX",
  UsageOperation: "RunInstances",
  MetadataOptions: {
    State: "applied",
    HttpTokens: "required",
    HttpPutResponseHopLimit: 1,
    HttpEndpoint: "enabled",
    InstanceMetadataTags: "disabled",
  },
  NetworkInterfaces: [
    {
      SourceDestCheck: true,
      PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.10", Primary: true }],
      Ipv6Addresses: [],
    },
  ],
  BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeId: "vol-1", DeleteOnTermination: true } }],
  Tags: [{ Key: "Name", Value: "edge" }],
};
const volumes = [{ VolumeId: "vol-1", Size: 8, VolumeType: "gp3", Iops: 3000, Throughput: 125, Encrypted: false }];
const slot = {
  name: "t3.large/subnet-a",
  instanceType: "t3.large",
  subnet: "subnet-a",
  zone: "eu-central-1a",
  address: "10.0.0.10",
};
const play = (over: object) => {
  const manifest = manifestOf(
    {
      instance: { ...base, ...over } as never,
      volumes: volumes as never,
      cidr: "10.0.0.0/24",
      instanceStoreVolumes: 0,
      userData: null,
    },
    aResource(),
    { application: "shop", point: "p" },
  );
  const request = JSON.stringify(
    launchRequest({
      run: aRun(),
      server: aServer(),
      resource: aResource(),
      manifest,
      slot,
      image: "ami-1",
      userData: null,
    }),
  );
  return { request, warnings: judgeManifest(manifest).warnings };
};
const plain = play({});

describe("a setting of the source is on the launch, or its loss is told before anything is changed", () => {
  it.each([
    [
      "hop limit of IMDS (containers need 2)",
      { MetadataOptions: { ...base.MetadataOptions, HttpPutResponseHopLimit: 2 } },
      /HttpPutResponseHopLimit":2/,
    ],
    [
      "tags in the instance metadata",
      { MetadataOptions: { ...base.MetadataOptions, InstanceMetadataTags: "enabled" } },
      /InstanceMetadataTags":"enabled/,
    ],
    [
      "metadata service switched off",
      { MetadataOptions: { ...base.MetadataOptions, HttpEndpoint: "disabled" } },
      /HttpEndpoint":"disabled/,
    ],
    [
      "source/destination check off (NAT, VPN, router)",
      { SourceDestCheck: false, NetworkInterfaces: [{ ...base.NetworkInterfaces[0], SourceDestCheck: false }] },
      /SourceDestCheck/,
    ],
    [
      "secondary private addresses",
      {
        NetworkInterfaces: [
          {
            ...base.NetworkInterfaces[0],
            PrivateIpAddresses: [
              ...base.NetworkInterfaces[0]!.PrivateIpAddresses,
              { PrivateIpAddress: "10.0.0.20", Primary: false },
            ],
          },
        ],
      },
      /SecondaryPrivateIp|10\.0\.0\.20/,
    ],
    [
      "IPv6 address",
      {
        Ipv6Address: "2001:db8::10",
        NetworkInterfaces: [{ ...base.NetworkInterfaces[0], Ipv6Addresses: [{ Ipv6Address: "2001:db8::10" }] }],
      },
      /Ipv6/,
    ],
  ])("%s", (_, over, kept) => {
    const { request, warnings } = play(over);
    expect(kept.test(request) || warnings.length > plain.warnings.length).toBe(true);
  });
});
