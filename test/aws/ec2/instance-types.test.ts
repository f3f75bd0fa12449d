import { DescribeInstanceTypeOfferingsCommand, DescribeInstanceTypesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, expect, it } from "vitest";
import { describeInstanceTypes, describeOfferings } from "../../../functions/aws/ec2/instance-types.ts";
import { aContext } from "../../support/context.ts";

const ec2 = mockClient(EC2Client);
const { clients } = aContext();
const region = "eu-central-1";
const names = Array.from({ length: 201 }, (_, i) => `m${i}.large`);

beforeEach(() => ec2.reset());

it("reads types by 200 filter values a call, over all pages", async () => {
  const type = {
    InstanceType: "m5.large" as const,
    ProcessorInfo: { SupportedArchitectures: ["x86_64" as const] },
    VCpuInfo: { DefaultVCpus: 2 },
  };
  ec2
    .on(DescribeInstanceTypesCommand)
    .resolvesOnce({ InstanceTypes: [type], NextToken: "2" })
    .resolvesOnce({})
    .resolves({
      InstanceTypes: [
        {
          InstanceStorageInfo: { Disks: [{ Count: 2 }, {}] },
          NetworkInfo: { EnaSupport: "required" },
          SupportedBootModes: ["uefi"],
          SupportedVirtualizationTypes: ["hvm"],
          NitroTpmSupport: "unsupported",
          EbsInfo: { EncryptionSupport: "supported", MaximumEbsAttachments: 27 },
          SupportedUsageClasses: ["on-demand"],
        },
      ],
    });
  expect(await describeInstanceTypes(clients, region, names)).toEqual([
    { name: "m5.large", architectures: ["x86_64"], vcpus: 2 },
    {
      name: "",
      architectures: [],
      vcpus: 0,
      instanceStoreVolumes: 2,
      enaSupport: "required",
      bootModes: ["uefi"],
      virtualization: ["hvm"],
      nitroTpm: "unsupported",
      encryption: "supported",
      ebsVolumesMax: 27,
      usageClasses: ["on-demand"],
    },
  ]);
  expect(ec2).toHaveReceivedCommandTimes(DescribeInstanceTypesCommand, 3);
});

it("reads offerings by zone, over all pages", async () => {
  const offer = (Location: string) => ({ InstanceType: "m5.large" as const, Location });
  ec2
    .on(DescribeInstanceTypeOfferingsCommand, { LocationType: "availability-zone" })
    .resolvesOnce({ InstanceTypeOfferings: [offer("eu-central-1a")], NextToken: "2" })
    .resolvesOnce({ InstanceTypeOfferings: [offer("eu-central-1b")] })
    .resolves({});
  expect([...(await describeOfferings(clients, region, names))]).toEqual([
    "m5.large/eu-central-1a",
    "m5.large/eu-central-1b",
  ]);
  expect(await describeOfferings(clients, region, [])).toEqual(new Set());
});
