import { DescribeSnapshotsCommand, EC2Client, RegisterImageCommand } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { copy } from "../../../../functions/copy.ts";
import { freshMemory } from "../../../../functions/core/instances/copy/pass-state.ts";
import type { CopyResult } from "../../../../functions/core/instances/copy/pass-summary.ts";
import type { QueueEntry } from "../../../../functions/core/instances/copy/queue.ts";
import { registerEarly } from "../../../../functions/kinds/instances/catalog/early-images.ts";
import { aPlan } from "../../../support/builders.ts";
import { copyScene, fault, input, point, showing } from "../../../support/copy-scene.ts";
import { aChunk, anAsked } from "../../../support/queue.ts";
import { aCopy, aTaken, aVolume } from "../../../support/replication.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => {
  ec2.reset();
  ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-early" });
});

const startedAt = new Date("2026-03-02T12:00:00.000Z");
const of = (server: string, names: string[]): QueueEntry[] =>
  names.map((name) =>
    anAsked({ server, volume: `vol-${name}`, from: `snap-${name}`, copy: `copy-${name}`, ended: true }),
  );
const manifest = (server: string, names: string[]) =>
  aTaken({
    server,
    rootDevice: "/dev/xvda",
    volumes: names.map((name, nth) =>
      aVolume({ device: nth === 0 ? "/dev/xvda" : "/dev/sdf", volume: `vol-${name}`, sourceSnapshot: `snap-${name}` }),
    ),
  });
const copyOf = (name: string, state = "completed") => aCopy({ id: `copy-${name}`, of: `snap-${name}`, state });
const chunk = aChunk({ entries: [...of("i-0a", ["a", "b"]), ...of("i-0b", ["c"])] });
const settling = [{ point: point.id }];
const open = { ...point, servers: ["i-0a", "i-0b"] };
const scene = () =>
  copyScene([chunk], open, { manifests: [manifest("i-0a", ["a", "b"]), manifest("i-0b", ["c", "elsewhere"])] });
const early = (context: Awaited<ReturnType<typeof scene>>) =>
  registerEarly(context, input.run, aPlan(), { chunks: [chunk], settling, startedAt });

describe("a chunk that has ended while its point is open", () => {
  it("a chunk that has ended while its point is open gives an image to the server all of whose copies are completed, and to no other", async () => {
    showing(ec2, { copies: [copyOf("a"), copyOf("b"), copyOf("c")] });
    const context = await scene();
    await early(context);
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 1);
    const [whole, other] = await context.store.manifests("shop", point.id);
    expect(whole).toMatchObject({ image: "ami-early", volumes: [{ snapshot: "copy-a" }, { snapshot: "copy-b" }] });
    expect(other).toMatchObject({ image: null, volumes: [{ snapshot: null }, { snapshot: null }] });
    expect((await context.store.point("shop", point.id))?.state).toBe("open");
  });

  it.each(["pending", "error"])(
    "a chunk that has ended while its point is open gives none from a copy that is in %s: EC2 would refuse it",
    async (state) => {
      showing(ec2, { copies: [copyOf("a"), copyOf("b", state), copyOf("c")] });
      await early(await scene());
      expect(ec2).not.toHaveReceivedCommand(RegisterImageCommand);
    },
  );

  it("a chunk that has ended leaves to Catalog what EC2 refuses, and keeps existing images", async () => {
    showing(ec2, { copies: [copyOf("a"), copyOf("b")] });
    ec2.on(RegisterImageCommand).rejectsOnce(fault("RequestLimitExceeded")).resolves({ ImageId: "ami-early" });
    const context = await scene();
    await early(context);
    expect((await context.store.manifests("shop", point.id))[0]?.image).toBeNull();
    await early(context);
    await early(context);
    expect((await context.store.manifests("shop", point.id))[0]?.image).toBe("ami-early");
    expect(ec2).toHaveReceivedCommandTimes(RegisterImageCommand, 2);
  });

  it("a chunk that has ended while its point is open is not looked at once its point is settled, or when the step is late", async () => {
    showing(ec2, { copies: [copyOf("a"), copyOf("b")] });
    const context = await scene();
    await registerEarly(context, input.run, aPlan(), { chunks: [chunk], settling: [], startedAt });
    expect(ec2).not.toHaveReceivedCommand(DescribeSnapshotsCommand);
    const longAgo = new Date(startedAt.getTime() - 36_000);
    await registerEarly(context, input.run, aPlan(), { chunks: [chunk], settling, startedAt: longAgo });
    expect(ec2).not.toHaveReceivedCommand(RegisterImageCommand);
  });
});

describe("a point with an image that was registered early", () => {
  const proven = { ...input, copy: { value: { ...freshMemory, proven: ["web"] } as CopyResult } };
  const entries = of("i-0a", ["a"]).map((entry) => ({ ...entry, ended: false }));
  const settle = async (copies: ReturnType<typeof copyOf>[]) => {
    showing(ec2, { copies });
    const made = manifest("i-0a", ["a"]);
    const volumes = made.volumes.map((volume) => ({ ...volume, snapshot: "copy-late" }));
    const context = await copyScene([aChunk({ entries })], point, {
      manifests: [{ ...made, image: "ami-early", volumes }],
    });
    await copy(proven, context);
    expect((await context.store.point("shop", point.id))?.state).toBe("complete");
    return (await context.store.manifests("shop", point.id))[0];
  };

  it("a point with an early image is restored from the copies of which the image was made, though another one shows later", async () => {
    const settled = await settle([copyOf("a"), { ...copyOf("a"), id: "copy-late" }]);
    expect(settled).toMatchObject({ image: "ami-early", volumes: [{ snapshot: "copy-late" }] });
  });

  it("a point with an early image loses the image when those copies are gone", async () => {
    expect(await settle([copyOf("a")])).toMatchObject({ image: null, volumes: [{ snapshot: "copy-a" }] });
  });
});
