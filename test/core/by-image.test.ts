import { describe, expect, it, test } from "vitest";
import { chooseImageSet, goesByImage, imageCopyToken, withImage } from "../../functions/core/by-image.ts";
import { anImageEntry } from "../support/image-scene.ts";
import { anUntaken, aSource, aVolume } from "../support/replication.ts";

const linux = { platform: "Linux/UNIX", productCodes: [] };

describe("a server goes by an image when its licence stands in it", () => {
  test.each([
    ["Windows", { platform: "Windows" }],
    ["EC2's short word for it", { platform: "windows" }],
    ["a product of the Marketplace", { productCodes: ["abc"] }],
    ["Red Hat", { platform: "Red Hat Enterprise Linux", usageOperation: "RunInstances:0010" }],
  ])("%s", (_, over) => expect(goesByImage({ ...linux, ...over })).toBe(true));

  it("not when it is Linux without a licence, whether EC2 names the operation or not", () => {
    expect(goesByImage(linux)).toBe(false);
    expect(goesByImage({ ...linux, usageOperation: "RunInstances" })).toBe(false);
  });
});

const manifest = anUntaken({
  byImage: true,
  volumes: [aVolume({ volume: "vol-a" }), aVolume({ volume: "vol-b", device: "/dev/sdf" })],
});
const [a, b] = [aSource({ id: "snap-a", volume: "vol-a" }), aSource({ id: "snap-b", volume: "vol-b" })];
const image = (over: object = {}) => ({ id: "ami-1", state: "pending", because: null, devices: [], ...over });
const named = (...snapshots: (string | null)[]) => ({
  state: "available",
  devices: snapshots.map((snapshot, at) => ({ device: `/dev/${at}`, snapshot })),
});

describe("the set of a server that goes by an image", () => {
  it("is waited for while its snapshots are not all visible", () => {
    expect(chooseImageSet(manifest, [a], image())).toMatchObject({ action: "wait" });
    expect(chooseImageSet(manifest, [a], image(named("snap-a", "snap-b")))).toMatchObject({ action: "wait" });
    expect(chooseImageSet(manifest, [a], image({ devices: [{ device: "/dev/0", snapshot: null }] }))).toMatchObject({
      action: "wait",
    });
  });

  it("is adopted as soon as every volume has its snapshot", () => {
    expect(chooseImageSet(manifest, [b, a], image())).toEqual({ action: "adopt", set: [b, a] });
  });

  it("is what the image names: a volume that it lacks was detached in between", () => {
    const choice = chooseImageSet(manifest, [a, aSource({ id: "snap-other" })], image(named("snap-a")));
    expect(choice).toEqual({ action: "adopt", set: [a] });
  });

  it("is given up when the image or a snapshot of it failed", () => {
    const failed = { ...b, state: "error", because: "broken" };
    expect(chooseImageSet(manifest, [a, failed], image())).toEqual({
      action: "out",
      because: "snap-b failed: broken",
    });
    expect(chooseImageSet(manifest, [a, b], image({ state: "failed" }))).toEqual({
      action: "out",
      because: "ami-1 failed: no reason given",
    });
  });
});

test("the token of a copy changes with another try, another source and another point only", () => {
  const entry = anImageEntry();
  const token = imageCopyToken("web.1", entry);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(imageCopyToken("web.1", { ...entry, askedAt: "now", copy: "ami-2" })).toBe(token);
  expect(imageCopyToken("web.1", { ...entry, tries: 1 })).not.toBe(token);
  expect(imageCopyToken("web.1", { ...entry, from: "ami-3" })).not.toBe(token);
  expect(imageCopyToken("web.2", entry)).not.toBe(token);
});

test("the manifest names the copied image, and its snapshots by device", () => {
  const devices = [
    { device: "/dev/sdf", snapshot: "snap-9b" },
    { device: "/dev/xvda", snapshot: "snap-9a" },
  ];
  const whole = withImage(manifest, { id: "ami-9", devices });
  expect(whole).toMatchObject({ image: "ami-9", volumes: [{ snapshot: "snap-9a" }, { snapshot: "snap-9b" }] });
});
