import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import { reactionTo } from "../../../functions/core/instances/launch/launch-request.ts";
import { placeServers } from "../../../functions/core/instances/launch/preflight-rules.ts";
import { aManifest, aResource, aRun, aServer } from "../../support/builders.ts";
import { anInstance, aScene, ec2, fault, launched, reset } from "../../support/launch-scene.ts";

beforeEach(reset);
const ena =
  "Enhanced networking with the Elastic Network Adapter (ENA) is required for the 'm5.large' instance type. Ensure that you are using an AMI that is enabled for ENA.";
/**
 * EC2's refusals of one instance type for this image (ENA, UEFI, virtualization) say nothing about the next type.
 * [github.com/LeanerCloud/AutoSpotting#314] [github.com/RhinoSecurityLabs/cloudgoat#247] [github.com/BD2KGenomics/cgcloud#10]
 */
describe("EC2 refuses one instance type for this image: the next one of the plan is tried", () => {
  it.each([
    ["InvalidParameterCombination", ena],
    ["InvalidParameterCombination", "Virtualization type 'hvm' is required for instances of type 't2.large'."],
    [
      "InvalidParameterValue",
      "The t2.large instance type does not support an AMI with a boot mode of UEFI. Only instance types built on the Nitro System support UEFI.",
    ],
  ])("%s: %s", (code, _message) => expect(["unsuitable", "capacity"]).toContain(reactionTo(code)));
  it("Launch goes on with the second type", async () => {
    ec2
      .on(RunInstancesCommand)
      .rejectsOnce(fault("InvalidParameterCombination", ena))
      .resolves({ Instances: [anInstance()] });
    await expect(launched(await aScene())).resolves.toMatchObject({ instance: "i-new" });
  });
  it("Preflight does not place a server without ENA on a type that needs it", () => {
    const subnet = { id: "subnet-a", zone: "eu-central-1a", cidr: "10.0.0.0/24", freeAddresses: 9 };
    const manifest = aManifest({ instanceType: "m4.large", enaSupport: false });
    const resource = aResource({ launch: { ...aResource().launch, instanceTypes: ["m5.large", "m4.large"] } });
    const type = (name: string, ena: string) =>
      ({ name, architectures: ["x86_64"], vcpus: 2, enaSupport: ena }) as never;
    const found = placeServers([{ ref: aServer(), resource, manifest }], aRun(), {
      subnets: [subnet, { ...subnet, id: "subnet-b", zone: "eu-central-1b", cidr: "10.0.1.0/24" }],
      types: [type("m5.large", "required"), type("m4.large", "unsupported")],
      offered: new Set([
        "m5.large/eu-central-1a",
        "m4.large/eu-central-1a",
        "m5.large/eu-central-1b",
        "m4.large/eu-central-1b",
      ]),
      used: [],
    });
    expect(found.placed[0]?.slot.instanceType).toBe("m4.large");
  });
});
