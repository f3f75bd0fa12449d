import { DeregisterImageCommand, DescribeImagesCommand, RegisterImageCommand } from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { catalog } from "../../../../functions/catalog.ts";
import { limits } from "../../../../functions/core/limits.ts";
import { aPoint } from "../../../support/builders.ts";
import { aScene, complete, deleted, ec2, fault, id, imageOf, input, reset } from "../../../support/catalog-scene.ts";
import { aTaken, aVolume } from "../../../support/replication.ts";

beforeEach(reset);

const older = "web.20260302T110000Z";
const old = (image: string | null = "ami-old", imaged: boolean | null = true) =>
  complete(
    {
      id: older,
      openedAt: "2026-03-02T11:00:00.000Z",
      pointAt: "2026-03-02T11:00:05.000Z",
      ...(imaged !== null && { imaged }),
    },
    { image },
  );
const fresh = complete({}, { image: null });
const both = () => aScene(old(), fresh);
type Scene = Awaited<ReturnType<typeof aScene>>;
const imagedOf = async ({ store }: Scene, point = id) => (await store.point("shop", point))?.imaged;
const imageIn = async ({ store }: Scene, point = id, server = "i-0a") =>
  (await store.manifest("shop", point, server))?.image;

const servers = Array.from({ length: 30 }, (_, at) => `i-${10 + at}`);
const many = (point: Parameters<typeof aPoint>[0], image: string | null) => ({
  point: aPoint({ servers, swept: true, ...point }),
  manifests: servers.map((server) => aTaken({ server, image, volumes: [aVolume({ snapshot: "snap-dst-a" })] })),
});

describe("images of older points", () => {
  it("images of older points are deregistered once the newest has all of its own; their snapshots stay", async () => {
    const context = await both();
    expect(await catalog(input, context)).toMatchObject({ done: true });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-old" });
    expect(await imageIn(context, older)).toBeNull();
    expect([await imagedOf(context), await imagedOf(context, older)]).toEqual([true, false]);
    expect(deleted()).toEqual([]);
    ec2.resetHistory();
    await catalog(input, context);
    expect(ec2.calls()).toHaveLength(0);
  });

  it("images of the last complete point stay while the newest point lacks one", async () => {
    const oldest = "web.20260302T100000Z";
    const before = complete(
      { id: oldest, openedAt: "2026-03-02T10:00:00.000Z", imaged: true },
      { image: "ami-oldest" },
    );
    before.point.pointAt = "2026-03-02T10:00:05.000Z";
    const context = await aScene(before, old(), fresh);
    ec2.on(RegisterImageCommand).rejects(fault("UnauthorizedOperation", "not you"));
    expect(await catalog(input, context)).toMatchObject({
      done: true,
      problems: { web: "1 of 1 servers without an image: i-0a: UnauthorizedOperation: not you" },
    });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-oldest" });
    expect(await imagedOf(context)).toBeUndefined();
  });

  it("images that no manifest names are found by their tags when their point never had all its images", async () => {
    const context = await aScene(old(null, null), fresh);
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-stray" })] });
    await catalog(input, context);
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-stray" });
    expect(await imagedOf(context, older)).toBe(false);
  });

  it("images of older points stay where they are the copies themselves", async () => {
    const byImage = complete(
      { id: older, pointAt: "2026-03-02T11:00:05.000Z" },
      { sourceImage: "ami-src", image: "ami-copy" },
    );
    const context = await aScene(byImage, complete({}, { sourceImage: "ami-src-2", image: "ami-copy-2" }));
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-copy" })] });
    expect(await catalog(input, context)).toMatchObject({ done: true });
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
    expect(await imageIn(context, older)).toBe("ami-copy");
    expect(await imagedOf(context)).toBe(true);
  });

  test.each([
    ["RequestLimitExceeded", false, {}],
    ["UnauthorizedOperation", true, { web: "1 of 1 servers with an old image: i-0a: UnauthorizedOperation: no" }],
  ])("%s at a deregistration", async (name, done, problems) => {
    ec2.on(DeregisterImageCommand).rejects(fault(name, "no"));
    // it is there: what is gone is denied, too
    const asked = { Filters: [{ Name: "image-id", Values: ["ami-old"] }] };
    ec2.on(DescribeImagesCommand, asked).resolves({ Images: [{ ImageId: "ami-old", State: "available" }] });
    const context = await both();
    expect(await catalog(input, context)).toMatchObject({ done, problems });
    expect(await imageIn(context, older)).toBe("ami-old");
  });
});

describe("registering", () => {
  it("Catalog finds the image of a lost reply by its name", async () => {
    ec2.on(RegisterImageCommand).rejectsOnce(fault("TimeoutError")).rejects(fault("InvalidAMIName.Duplicate"));
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(id, { ImageId: "ami-found" })] });
    const context = await aScene(fresh);
    const first = await catalog(input, context);
    expect(first).toMatchObject({ done: false, problems: {} });
    expect(await catalog({ ...input, catalog: { value: first } }, context)).toMatchObject({ done: true });
    expect(await imageIn(context)).toBe("ami-found");
  });

  it("Catalog looks again for an image whose name is taken but that is not visible yet", async () => {
    ec2.on(RegisterImageCommand).rejectsOnce(fault("InvalidAMIName.Duplicate")).resolves({ ImageId: "ami-1" });
    const context = await aScene(fresh);
    const first = await catalog(input, context);
    expect(first).toMatchObject({ done: false });
    expect(await catalog({ ...input, catalog: { value: first } }, context)).toMatchObject({ done: true });
  });

  it("a failed registration of one server leaves the others as they are, and is reported with counts", async () => {
    ec2.on(RegisterImageCommand).rejectsOnce(fault("InvalidParameterValue", "odd")).resolves({ ImageId: "ami-1" });
    const context = await aScene(many({}, null));
    const first = await catalog(input, context);
    const second = await catalog({ ...input, catalog: { value: first } }, context);
    expect(second).toMatchObject({
      done: true,
      problems: { web: "1 of 30 servers without an image: i-10: InvalidParameterValue: odd" },
    });
    expect([await imageIn(context, id, "i-10"), await imageIn(context, id, "i-39")]).toEqual([null, "ami-1"]);
  });

  it("Catalog registers and deregisters images in portions, and the waits refill the token buckets", async () => {
    const context = await aScene(
      many({ id: older, pointAt: "2026-03-02T11:00:05.000Z", imaged: true }, "ami-old"),
      many({}, null),
    );
    const first = await catalog(input, context);
    expect(first).toMatchObject({ done: false, waitSeconds: 5 });
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, limits.mutatingCallsPerPass);
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);

    const second = await catalog({ ...input, catalog: { value: first } }, context);
    expect(second).toMatchObject({ done: true, waitSeconds: 6 });
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 30);
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 30);
    expect([await imagedOf(context), await imagedOf(context, older)]).toEqual([true, false]);
  });

  it("Catalog reports images that it has no time for, and the next execution registers them", async () => {
    const before = { passes: 189, sweeps: 0, walks: {} };
    expect(await catalog({ ...input, catalog: { value: before } }, await aScene(many({}, null)))).toMatchObject({
      done: true,
      problems: { web: "some images are not registered or deregistered yet: the next pass continues" },
    });
  });
});
