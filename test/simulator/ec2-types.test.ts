import { CopyImageCommand, CreateImageCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { instanceType } from "../../simulator/ec2/type-names.ts";
import { aCopiedServer, anImage, oneServer, sourceServers } from "../support/ec2.ts";
import { simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];

test.each([
  ["g4dn.xlarge", { architecture: "x86_64", vcpus: 4, nitro: true, disks: 1, ena: "required", tpm: true }],
  ["g5g.2xlarge", { architecture: "arm64", vcpus: 8, bootModes: ["uefi"] }],
  ["u-6tb1.112xlarge", { vcpus: 448, nitro: true }],
  ["x2iedn.metal", { nitro: true, tpm: false }],
  ["t2.micro", { vcpus: 1, nitro: false, ena: "unsupported", bootModes: ["legacy-bios"], tpm: false }],
  ["r4.large", { nitro: false, ena: "supported", virtualization: ["hvm"] }],
  ["m3.large", { virtualization: ["hvm", "paravirtual"], disks: 1 }],
  ["im4gn.large", { architecture: "arm64", disks: 1 }],
])("%s is known by its name", (name, expected) => {
  expect(instanceType(name)).toMatchObject(expected);
});

const server = { name: "web-1", address: "10.0.0.10" };
const marketplace = { ...server, platform: "Linux/UNIX", productCodes: ["prod1"] };
test.each([
  [
    "ENA",
    { ...server, ena: false },
    "m5.large",
    "m4.large",
    "InvalidParameterCombination",
    /^Enhanced networking .* 'm5.large'/,
  ],
  [
    "UEFI",
    { ...server, bootMode: "uefi" },
    "t2.large",
    "m5.large",
    "InvalidParameterValue",
    /^The t2.large .* boot mode of UEFI/,
  ],
  [
    "hvm",
    { ...server, virtualization: "paravirtual", ena: false },
    "t2.large",
    "m3.large",
    "InvalidParameterCombination",
    /^Virtualization type 'hvm' is required .* 't2.large'/,
  ],
  ["NitroTPM", { ...server, tpm: true }, "m4.large", "m5.large", "InvalidParameterValue", /NitroTPM/],
  [
    "the seller of the Marketplace",
    marketplace,
    "c7i.large",
    "m5.large",
    "UnsupportedOperation",
    /^The instance configuration for this AWS Marketplace product/,
  ],
] as const)(
  "%s keeps an image from types that DescribeInstanceTypes tells apart",
  (_what, spec, refused, taken, name, message) =>
    simulated(
      { plan: oneServer, inventory: { servers: { web: [spec] }, products: { prod1: ["m5.large"] } } },
      async (live) => {
        const ec2 = live.clients(EC2Client, recovery);
        const source = sourceServers(live.world)[0]!;
        const made = await live
          .clients(EC2Client, primary)
          .send(new CreateImageCommand({ InstanceId: source.id, Name: "whole", NoReboot: true }));
        await live.advance(900);
        const { ImageId } = await ec2.send(
          new CopyImageCommand({ ClientToken: "c", Name: "copy", SourceRegion: primary, SourceImageId: made.ImageId }),
        );
        await live.advance(7_200);
        const run = (InstanceType: string) =>
          ec2.send(
            new RunInstancesCommand({
              ImageId,
              InstanceType: InstanceType as "m5.large",
              SubnetId: "subnet-a",
              MinCount: 1,
              MaxCount: 1,
              ClientToken: InstanceType,
            }),
          );
        await expect(run(refused)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
        expect((await run(taken)).Instances).toHaveLength(1);
      },
    ),
);

test("each group of types has its own vCPU quota", () =>
  simulated({ plan: oneServer, inventory: { vcpus: { G: 4 } } }, async (live) => {
    const ImageId = await anImage(live, await aCopiedServer(live));
    await live.advance(60);
    const run = (InstanceType: string) =>
      live.clients(EC2Client, recovery).send(
        new RunInstancesCommand({
          ImageId,
          InstanceType: InstanceType as "m5.large",
          SubnetId: "subnet-a",
          MinCount: 1,
          MaxCount: 1,
          ClientToken: InstanceType,
        }),
      );
    await run("g5.xlarge");
    await expect(run("g4dn.xlarge")).rejects.toMatchObject({
      name: "VcpuLimitExceeded",
      message: expect.stringContaining("current vCPU limit of 4 allows for the instance bucket"),
    });
    await run("m5.large");
  }));
