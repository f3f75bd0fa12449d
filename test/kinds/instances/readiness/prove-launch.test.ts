import { DescribeImagesCommand, RegisterImageCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, expect, it } from "vitest";
import { proveLaunch } from "../../../../functions/kinds/instances/readiness/prove-launch.ts";
import { aPlan, aPoint, aResource, aRun } from "../../../support/builders.ts";
import { aScene, ec2, fault, reset } from "../../../support/launch-scene.ts";

beforeEach(reset);
const prove = async (metadata?: { tokens: "optional" }) => {
  const launch = { ...aResource().launch, ...(metadata && { metadata }) };
  const context = await aScene(launch, { metadataTokens: "optional", image: "ami-0a" });
  await context.store.savePoint(aPoint());
  const plan = aPlan({ protect: [aResource({ launch })] });
  const tried = await proveLaunch({ run: aRun(), plan } as Parameters<typeof proveLaunch>[0], context);
  return tried.find(({ action }) => action === "ec2:RunInstances")!.found;
};

it("the right to launch is there where a policy refuses IMDSv1 alone, unless the plan insists on it", async () => {
  ec2.on(DescribeImagesCommand).resolves({});
  ec2.on(RegisterImageCommand).rejects(fault("DryRunOperation", "Request would have succeeded", 412));
  ec2.on(RunInstancesCommand).callsFake(({ MetadataOptions }) => {
    throw MetadataOptions.HttpTokens === "required"
      ? fault("DryRunOperation", "Request would have succeeded", 412)
      : fault("UnauthorizedOperation", "with an explicit deny in a service control policy", 403);
  });
  expect(await prove()).toBe("allowed");
  expect(await prove({ tokens: "optional" })).toBe("denied");
});
