import { DeregisterImageCommand, DescribeImagesCommand, RegisterImageCommand } from "@aws-sdk/client-ec2";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, test } from "vitest";
import { catalog } from "../../../functions/catalog.ts";
import { limits } from "../../../functions/core/limits.ts";
import { aPoint } from "../../support/builders.ts";
import { aScene, complete, deleted, ec2, fault, id, imageOf, input, reset, run } from "../../support/catalog-scene.ts";
import { aTaken, aVolume } from "../../support/replication.ts";

beforeEach(reset);

describe("images", () => {
  const older = "web.20260302T110000Z";
  const both = (image: string | null = "ami-old") =>
    aScene(
      complete({ id: older, openedAt: "2026-03-02T11:00:00.000Z", pointAt: "2026-03-02T11:00:05.000Z" }, { image }),
      complete(),
    );

  it("of older points are deregistered once the newest has all of its own; their snapshots stay", async () => {
    const context = await both();
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-old" }), imageOf(id)] });
    expect(await catalog(input, context)).toMatchObject({ done: true });
    expect(ec2).toHaveReceivedCommandExactlyOnceWith(DeregisterImageCommand, { ImageId: "ami-old" });
    expect((await context.store.manifest("shop", older, "i-0a"))?.image).toBeNull();
    expect(deleted()).toEqual([]);
  });

  it("of older points stay while the newest lacks one", async () => {
    const context = await both();
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-old" })] });
    ec2.on(RegisterImageCommand).rejects(fault("UnauthorizedOperation", "not you"));
    expect(await catalog(input, context)).toMatchObject({ done: true, problems: { web: "not you" } });
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([
      { outcome: "Partial", detail: { failed: ["web"], because: "web: not you" } },
    ]);
  });

  it("that a run pinned in between stay", async () => {
    const context = await both();
    ec2.on(DescribeImagesCommand).callsFake(async () => {
      const lease = {
        id: "x",
        name: "x",
        machine: "failover",
        acquiredAt: "",
        phaseBefore: "protected",
        points: { web: older },
      };
      await context.table.update(
        { pk: "shop", sk: "row" },
        { set: { run: lease } },
        { equal: ["active", "eu-west-1"] },
      );
      return { Images: [imageOf(older, { ImageId: "ami-old" }), imageOf(id)] };
    });
    await catalog(input, context);
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
  });

  it("of resources that the plan no longer has are left alone", async () => {
    const context = await aScene(complete());
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf("old.20260101T000000Z", {}, "old"), imageOf(id), {}] });
    await catalog(input, context);
    expect(ec2).toHaveReceivedCommandTimes(DeregisterImageCommand, 0);
  });

  it("that were taken away by hand are made again", async () => {
    const context = await aScene(complete());
    ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-again" });
    await catalog(input, context);
    expect((await context.store.manifest("shop", id, "i-0a"))?.image).toBe("ami-again");
  });

  test.each([
    ["RequestLimitExceeded", false],
    ["UnauthorizedOperation", true],
  ])("%s at a deregistration", async (name, done) => {
    ec2.on(DescribeImagesCommand).resolves({ Images: [imageOf(older, { ImageId: "ami-old" }), imageOf(id)] });
    ec2.on(DeregisterImageCommand).rejects(fault(name));
    expect(await catalog(input, await both(null))).toMatchObject({ done });
  });

  it("a lost reply of a registration is looked for in the next invocation", async () => {
    ec2.on(RegisterImageCommand).rejects(fault("TimeoutError"));
    expect(await catalog(input, await aScene(complete({}, { image: null })))).toMatchObject({
      done: false,
      problems: {},
    });
  });

  it("are registered and deregistered in portions", async () => {
    const servers = Array.from({ length: 30 }, (_, at) => `i-${at}`);
    const manifests = servers.map((server) => aTaken({ server, volumes: [aVolume({ snapshot: "snap-dst-a" })] }));
    const context = await aScene(
      { point: aPoint({ id: older, pointAt: "2026-03-02T11:00:05.000Z", swept: true }), manifests: [] },
      { point: aPoint({ servers, swept: true }), manifests },
    );
    const first = await catalog(input, context);
    expect(first.done).toBe(false);
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, limits.mutatingCallsPerPass);

    const all = servers.map((server) => imageOf(id, { Name: `lifeboat-shop-${id}-${server}` }));
    const old = Array.from({ length: 30 }, (_, at) => imageOf(older, { ImageId: `ami-old-${at}` }));
    ec2.on(DescribeImagesCommand).resolves({ Images: [...all, ...old] });
    expect((await catalog({ ...input, catalog: { value: first } }, context)).done).toBe(false);
    expect(ec2.commandCalls(DeregisterImageCommand).length).toBeGreaterThan(0);
  });
});
