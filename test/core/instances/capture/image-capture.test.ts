import { describe, expect, it, test } from "vitest";
import { chooseImageSet, isImageBased, withImage } from "../../../../functions/core/instances/capture/image-capture.ts";
import { fitting } from "../../../../functions/core/instances/copy/copy-slots.ts";
import { imageCopyToken } from "../../../../functions/core/instances/copy/image-copy-token.ts";
import { judgeImage } from "../../../../functions/core/instances/copy/judge-copy.ts";
import { anImageEntry } from "../../../support/image-scene.ts";
import { anUntaken, aSource, aVolume } from "../../../support/replication.ts";

const linux = { platform: "Linux/UNIX", productCodes: [] };

describe("a server goes by an image when its licence, or its kernel, stands in it", () => {
  test.each([
    ["Windows", { platform: "Windows" }],
    ["EC2's short word for it", { platform: "windows" }],
    ["a product of the Marketplace", { productCodes: ["abc"] }],
    ["a paravirtual one, whose kernel stands in it", { virtualization: "paravirtual" as const }],
    ["Red Hat", { platform: "Red Hat Enterprise Linux", usageOperation: "RunInstances:0010" }],
  ])("%s", (_, over) => expect(isImageBased({ ...linux, ...over })).toBe(true));

  it("not when it is Linux without a licence, whether EC2 names the operation or not", () => {
    expect(isImageBased(linux)).toBe(false);
    expect(isImageBased({ ...linux, usageOperation: "RunInstances" })).toBe(false);
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

describe("the set of an image-based server", () => {
  it("the set of an image-based server is waited for while its snapshots are not all visible", () => {
    expect(chooseImageSet(manifest, [a], image())).toMatchObject({ action: "wait" });
    expect(chooseImageSet(manifest, [a], image(named("snap-a", "snap-b")))).toMatchObject({ action: "wait" });
    const pending = image({ ...named(null, null), state: "pending" });
    expect(chooseImageSet(manifest, [a], pending)).toMatchObject({ action: "wait" });
  });

  it("the set of an image-based server is adopted as soon as every volume has its snapshot", () => {
    expect(chooseImageSet(manifest, [b, a], image())).toEqual({ action: "adopt", set: [b, a] });
  });

  it("the set of an image-based server is what the image names: a volume that it lacks was detached in between", () => {
    const choice = chooseImageSet(manifest, [a, aSource({ id: "snap-other" })], image(named("snap-a")));
    expect(choice).toEqual({ action: "adopt", set: [a] });
  });

  it("the set of an image-based server is not waited for until the image is available when a volume was detached: it has fewer devices", () => {
    const pending = image({ ...named(null), state: "pending" });
    expect(chooseImageSet(manifest, [], pending)).toMatchObject({ action: "wait" });
    expect(chooseImageSet(manifest, [a], pending)).toEqual({ action: "adopt", set: [a] });
  });

  it("the set of an image-based server is given up when the image or a snapshot of it failed", () => {
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

describe("the copy slots of images", () => {
  const starts = (...slots: number[]) => slots.map((count) => ({ entry: anImageEntry({ slots: count }) }));
  const flying = (slots: number) => (slots ? [anImageEntry({ slots, askedAt: "then" })] : []);
  test.each<[string, number[], number, number, number[]]>([
    ["start in order as long as there is room", [2, 3, 1], 6, 0, [2, 3, 1]],
    ["hold up what is behind them when they fit once others have ended", [3, 1], 2, 4, []],
    ["let those behind them pass when they never fit", [6, 1, 1, 1], 2, 3, [1, 1]],
    ["go alone in the end, as EC2 has the last word", [6, 7], 5, 0, [6]],
    ["wait while something of ours is in flight, though they never fit", [6], 2, 3, []],
    ["wait while there is no slot at all", [2], 0, 0, []],
    ["with more volumes than there are slots count as all of them", [25], 18, 0, [25]],
  ])("%s", (_, wanted, free, inFlight, started) => {
    expect(fitting(starts(...wanted), free, flying(inFlight)).map(({ entry }) => entry.slots)).toEqual(started);
  });
});

describe("what became of the copy of an image", () => {
  const now = new Date("2026-03-02T12:00:00.000Z");
  const asked = anImageEntry({ copy: "ami-2", askedAt: "2026-03-02T11:59:00.000Z" });
  const judge = (state: "pending" | "available" | "failed" | null, entry = asked) =>
    judgeImage(entry, state ? { state, because: "no key" } : undefined, now);

  it("the copy of an image is over when it is available, and waited for while it is pending or not visible yet", () => {
    expect(judge("available")).toMatchObject({ outcome: "copied", entry: { ended: true } });
    expect(judge("pending")).toMatchObject({ outcome: "wait", entry: { ended: false, copy: "ami-2" } });
    expect(judge(null)).toMatchObject({ outcome: "wait", entry: { ended: false, copy: "ami-2" } });
  });

  it("the copy of an image is asked for once more when it failed or is gone, then given up", () => {
    expect(judge("failed")).toMatchObject({
      outcome: "again",
      entry: { tries: 1, copy: null, askedAt: null },
      because: "1 copy of ami-1 failed: no key",
    });
    const long = { ...asked, askedAt: "2026-03-02T11:50:00.000Z", tries: 1 };
    expect(judge(null, long)).toMatchObject({ outcome: "failed", because: "2 copies of ami-1 failed: gone" });
  });
});
