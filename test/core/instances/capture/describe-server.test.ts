import { describe, expect, it } from "vitest";
import { manifestOf } from "../../../../functions/core/instances/capture/describe-server.ts";
import { aResource } from "../../../support/builders.ts";

const point = { application: "shop", point: "web.20260302T120000Z" };
const instance = {
  InstanceId: "i-0a",
  InstanceType: "m5.large",
  Architecture: "x86_64",
  Placement: { AvailabilityZone: "eu-west-1a" },
  SubnetId: "subnet-1",
  PrivateIpAddress: "10.0.0.10",
  PublicIpAddress: "192.0.2.10",
  SecurityGroups: [{ GroupId: "sg-1", GroupName: "web" }],
  IamInstanceProfile: { Arn: "arn:aws:iam::111122223333:instance-profile/apps/web" },
  KeyName: "ops",
  EbsOptimized: true,
  EnaSupport: true,
  SriovNetSupport: "simple",
  BootMode: "uefi",
  TpmSupport: "v2.0",
  MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
  CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
  RootDeviceName: "/dev/xvda",
  PlatformDetails: "Linux/UNIX",
  ProductCodes: [{ ProductCodeId: "abc" }],
  NetworkInterfaces: [{}, {}],
  BlockDeviceMappings: [
    { DeviceName: "/dev/xvda", Ebs: { VolumeId: "vol-1", DeleteOnTermination: true } },
    { DeviceName: "/dev/sdf", Ebs: { VolumeId: "vol-2", DeleteOnTermination: false } },
  ],
  Tags: [
    { Key: "Name", Value: "web-1" },
    { Key: "App", Value: "shop" },
    { Key: "aws:autoscaling:groupName", Value: "web-group" },
  ],
};
const volumes = [
  { VolumeId: "vol-1", Size: 20, VolumeType: "gp3", Iops: 3000, Throughput: 125, Encrypted: true },
  {
    VolumeId: "vol-2",
    Size: 500,
    VolumeType: "st1",
    Encrypted: false,
    MultiAttachEnabled: true,
    Tags: [
      { Key: "Backup", Value: "daily" },
      { Key: "aws:cloudformation:stack-name", Value: "s" },
    ],
  },
];
const known = { cidr: "10.0.0.0/24", instanceStoreVolumes: 2, userData: "i-0a.1", vcpus: 2, credits: "standard" };
const found = { instance, volumes, ...known };

describe("the manifest of a server", () => {
  it("holds what a launch needs to know, and no tag of AWS", () => {
    expect(manifestOf(found, aResource(), point)).toEqual({
      application: "shop",
      resource: "web",
      point: "web.20260302T120000Z",
      server: "i-0a",
      name: "web-1",
      tags: { Name: "web-1", App: "shop" },
      instanceType: "m5.large",
      architecture: "x86_64",
      zone: "eu-west-1a",
      subnet: { id: "subnet-1", cidr: "10.0.0.0/24" },
      privateAddress: "10.0.0.10",
      publicAddress: "192.0.2.10",
      securityGroups: ["sg-1"],
      instanceProfile: "web",
      keyName: "ops",
      ebsOptimized: true,
      enaSupport: true,
      sriovNetSupport: "simple",
      bootMode: "uefi",
      tpmSupport: "v2.0",
      imdsSupport: "v2.0",
      metadataTokens: "required",
      rootDevice: "/dev/xvda",
      platform: "Linux/UNIX",
      productCodes: ["abc"],
      autoScalingGroup: "web-group",
      instanceStoreVolumes: 2,
      networkInterfaces: 2,
      userData: "i-0a.1",
      volumes: [
        {
          device: "/dev/xvda",
          volume: "vol-1",
          sizeGiB: 20,
          type: "gp3",
          iops: 3000,
          throughputMiBs: 125,
          encrypted: true,
          deleteOnTermination: true,
          sourceSnapshot: null,
          snapshot: null,
        },
        {
          device: "/dev/sdf",
          volume: "vol-2",
          sizeGiB: 500,
          type: "st1",
          iops: null,
          throughputMiBs: null,
          encrypted: false,
          deleteOnTermination: false,
          sourceSnapshot: null,
          snapshot: null,
          shared: true,
          tags: { Backup: "daily" },
        },
      ],
      takenAt: null,
      image: null,
      settings: { metadata: { hopLimit: 2 }, cpu: { cores: 1, threads: 1 }, credits: "standard" },
      byImage: true,
      sourceImage: null,
      launchedAt: "1970-01-01T00:00:00.000Z",
    });
  });

  it("the manifest of a server leaves excluded devices out and remembers how to ask for that", () => {
    const manifest = manifestOf(
      found,
      aResource({ exclude: { volumes: ["/dev/xvda", "/dev/sdf", "/dev/sdz"] } }),
      point,
    );
    expect(manifest.volumes).toEqual([]);
    expect(manifest.excluded).toEqual({
      volumes: [expect.objectContaining({ device: "/dev/sdf", sizeGiB: 500, type: "st1", snapshot: null })],
      bootVolume: true,
      dataVolumes: ["vol-2"],
      devices: ["/dev/xvda", "/dev/sdf"],
    });
  });

  it("the manifest of a server goes by the instance id when there is no Name tag, and by EC2's defaults for what is not said", () => {
    const bare = { InstanceId: "i-0b", BlockDeviceMappings: [{ DeviceName: "/dev/sdb" }] };
    const manifest = manifestOf({ ...found, instance: bare, userData: null }, aResource(), point);
    expect(manifest).toMatchObject({ name: "i-0b", volumes: [], platform: "Linux/UNIX", metadataTokens: "optional" });
    expect(manifest).toMatchObject({ instanceProfile: null, autoScalingGroup: null, publicAddress: null });
  });
});
