import { describe, expect, it, test } from "vitest";
import type { ImageCopy } from "../../../../functions/core/instances/copy/judge-copy.ts";
import {
  afterRefusal,
  awaitingSources,
  lostBySources,
} from "../../../../functions/core/instances/copy/judge-refused.ts";
import { aChunk, anEntry } from "../../../support/queue.ts";
import { aSource } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");

test.each([
  ["a throttle stops the starting", "RequestLimitExceeded", true, "stop"],
  ["a source that is gone is checked", "InvalidSnapshot.NotFound", false, "changed"],
  ["an image that is pending is checked", "InvalidAMIID.Unavailable", false, "changed"],
  ["an image that is still being made is tried again", "TransientError", false, "later"],
  ["a missing permission refuses the resource", "UnauthorizedOperation", false, "refused"],
])("%s", (_, code, isPassing, expected) => {
  expect(afterRefusal(code, isPassing)).toBe(expected);
});

const startOf = (chunk = aChunk()) => {
  const [entry = anEntry()] = chunk.entries;
  return { chunk, entry, at: 0 };
};
const none = { images: null, snapshots: null };
const image = (state: ImageCopy["state"], because: string | null = null) =>
  new Map([["ami-src", { state, because, snapshots: [] }]]);

describe("a source snapshot that a copy was refused for", () => {
  const source = (over: Parameters<typeof aSource>[0]) => ({ ...none, snapshots: [aSource(over)] });
  test.each([
    [
      "is lost when the snapshot failed",
      source({ state: "error", because: "disk" }),
      "snap-src-a of vol-0a failed: disk",
    ],
    ["is lost when the snapshot is gone", { ...none, snapshots: [] }, "snap-src-a of vol-0a is gone"],
    ["waits while the snapshot is pending", source({ state: "pending" }), undefined],
    ["waits while the source Region does not respond", none, undefined],
  ])("a point with a refused copy %s", (_, shown, because) => {
    expect(lostBySources([startOf()], shown, now).get("web.20260302T113000Z")).toBe(because);
  });

  it("a point waits while a young source snapshot is not visible", () => {
    const young = startOf(aChunk({ entries: [anEntry({ takenAt: "2026-03-02T11:59:50.000Z" })] }));
    expect(lostBySources([young], { ...none, snapshots: [] }, now).size).toBe(0);
  });
});

describe("a source image that a copy was refused for", () => {
  const start = startOf(aChunk({ entries: [anEntry({ volume: "", device: "", from: "ami-src" })] }));
  test.each([
    ["is lost when the image failed", { ...none, images: image("failed") }, "ami-src of i-0a failed: no reason given"],
    ["is lost when the image is gone", { ...none, images: new Map() }, "ami-src of i-0a is gone"],
    ["waits while the image is pending", { ...none, images: image("pending") }, undefined],
    ["waits while the source Region does not respond", none, undefined],
  ])("a point with a refused copy of an image %s", (_, shown, because) => {
    expect(lostBySources([start], shown, now).get("web.20260302T113000Z")).toBe(because);
  });
});

it("the chunk of a refused copy waits for its sources, unless its point is lost", () => {
  const [refused, other] = [aChunk(), aChunk({ number: 1 })];
  const [first, second] = awaitingSources([refused, other], [startOf(refused)], new Map());
  expect([first?.sourcesReady, second]).toEqual([false, other]);
  expect(awaitingSources([refused], [startOf(refused)], new Map([[refused.point, "gone"]]))).toEqual([refused]);
});
