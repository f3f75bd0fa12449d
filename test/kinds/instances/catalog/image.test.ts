import { DeregisterImageCommand, DescribeImagesCommand, EC2Client, RegisterImageCommand } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { ensureImage } from "../../../../functions/kinds/instances/catalog/image.ts";
import { aManifest, aPlan, aRow, aRun } from "../../../support/builders.ts";
import { aContext } from "../../../support/context.ts";
import { withTable } from "../../../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const run = aRun();
const manifest = aManifest({ image: null });
const name = "lifeboat-shop-web.20260302T113000Z-i-0a";
const duplicate = Object.assign(new Error("taken"), { name: "InvalidAMIName.Duplicate" });
const aScene = () => withTable(aContext(), { plan: aPlan(), row: aRow() });
const stored = async ({ store }: Awaited<ReturnType<typeof aScene>>) =>
  (await store.manifest("shop", manifest.point, manifest.server))?.image;

beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeImagesCommand).resolves({});
  ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-new" });
});

describe("ensureImage", () => {
  it("ensureImage registers the copies under a name that every try shares, and keeps the id", async () => {
    const context = await aScene();
    expect(await ensureImage(context, run, manifest)).toEqual({ id: "ami-new", available: false });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DescribeImagesCommand, {
      Owners: ["self"],
      Filters: [{ Name: "name", Values: [name] }],
      MaxResults: 1000,
    });
    expect(ec2).toHaveReceivedCommandWith(RegisterImageCommand, { Name: name });
    expect(await stored(context)).toBe("ami-new");
  });

  it("ensureImage registers none for a server whose licence stands in the image that was copied", async () => {
    const lost = ensureImage(await aScene(), run, { ...manifest, byImage: true });
    await expect(lost).rejects.toMatchObject({ name: "ResourceFailedError" });
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 0);
  });

  it("ensureImage finds the image that is there", async () => {
    ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-1", Name: name, State: "available" }] });
    const context = await aScene();
    expect(await ensureImage(context, run, manifest)).toEqual({ id: "ami-1", available: true });
    expect(await stored(context)).toBe("ami-1");
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 0);
  });

  it("ensureImage finds the image of a lost reply when its name is taken", async () => {
    ec2
      .on(DescribeImagesCommand)
      .resolvesOnce({})
      .resolves({ Images: [{ ImageId: "ami-1", Name: name }] });
    ec2.on(RegisterImageCommand).rejects(duplicate);
    expect(await ensureImage(await aScene(), run, manifest)).toMatchObject({ id: "ami-1", available: false });
  });

  it("ensureImage asks to be called again while that one is not visible", async () => {
    ec2.on(RegisterImageCommand).rejects(duplicate);
    await expect(ensureImage(await aScene(), run, manifest)).rejects.toMatchObject({ name: "TransientError" });
  });

  it("ensureImage takes a broken image away, so that the next try makes a good one", async () => {
    ec2.on(DescribeImagesCommand).resolves({ Images: [{ ImageId: "ami-bad", Name: name, State: "failed" }] });
    await expect(ensureImage(await aScene(), run, manifest)).rejects.toMatchObject({ name: "TransientError" });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-bad" });
  });

  it("cannot make one without the root device", async () => {
    const rootless = { ...manifest, volumes: [{ ...manifest.volumes[0]!, device: "/dev/sdf" }] };
    await expect(ensureImage(await aScene(), run, rootless)).rejects.toMatchObject({ name: "ResourceFailedError" });
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 0);
  });

  it("ensureImage tells a refusal as it is", async () => {
    ec2.on(RegisterImageCommand).rejects(Object.assign(new Error("not you"), { name: "UnauthorizedOperation" }));
    await expect(ensureImage(await aScene(), run, manifest)).rejects.toThrow("not you");
  });
});
