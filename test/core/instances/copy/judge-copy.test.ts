import { describe, expect, it, test } from "vitest";
import type { SnapshotFact } from "../../../../functions/core/instances/capture/snapshot.ts";
import { bySource, judgeEnded, judgeImage } from "../../../../functions/core/instances/copy/judge-copy.ts";
import { anAsked } from "../../../support/queue.ts";
import { aCopy } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const error = (over: Partial<SnapshotFact> = {}) => aCopy({ state: "error", because: "no key", ...over });

describe("what became of a copy", () => {
  test.each([
    ["completed", 0, [aCopy()], "copied", { copy: "snap-dst-a", ended: true, tries: 0 }],
    ["completed beside one that failed", 1, [error(), aCopy({ id: "good" })], "copied", { copy: "good" }],
    ["pending after all", 0, [aCopy({ id: "late", state: "pending" })], "wait", { copy: "late", ended: false }],
    ["in error once", 0, [error()], "again", { askedAt: null, copy: null, ended: false, tries: 1 }],
    ["in error twice", 0, [error(), error({ id: "2" })], "failed", { tries: 2 }],
    ["in error again, the first one being deleted", 1, [error()], "failed", { tries: 2 }],
    ["gone", 0, [], "again", { askedAt: null, tries: 1 }],
    ["gone again", 1, [], "failed", { tries: 2 }],
  ] as const)("%s", (_, tries, copies, outcome, change) => {
    const verdict = judgeEnded(anAsked({ ended: true, tries }), [...copies], now);
    expect(verdict).toMatchObject({ outcome, entry: change });
  });

  it("a copy is not judged as gone while it may not be visible yet", () => {
    const entry = anAsked({ ended: true, askedAt: "2026-03-02T11:58:30.000Z" });
    expect(judgeEnded(entry, [], now)).toMatchObject({ outcome: "wait", entry });
  });

  it("a failed copy names the reason that AWS gives", () => {
    expect(judgeEnded(anAsked({ tries: 1 }), [error()], now).because).toBe(
      "2 copies of snap-src-a ended in error: no key",
    );
  });
});

describe("what became of a copied image", () => {
  const entry = anAsked({ volume: "", from: "ami-1", copy: "ami-2", ended: true });
  test.each([
    ["available", { state: "available", because: null }, "copied", { ended: true }],
    ["pending", { state: "pending", because: null }, "wait", { ended: false, copy: "ami-2" }],
    ["gone", undefined, "again", { askedAt: null, tries: 1 }],
    ["failed", { state: "failed", because: "no key" }, "again", { askedAt: null, copy: null, tries: 1 }],
  ] as const)("%s", (_, image, outcome, change) => {
    expect(judgeImage(entry, image, now)).toMatchObject({ outcome, entry: change });
  });

  it("a copied image is given up when it failed twice", () => {
    const failed = judgeImage({ ...entry, tries: 1 }, { state: "failed", because: null }, now);
    expect(failed).toMatchObject({ outcome: "failed", because: "2 copies of ami-1 failed: no reason given" });
  });
});

it("sorts copies by what they are copies of", () => {
  const copies = [aCopy({ id: "1", of: "a" }), aCopy({ id: "2", of: "b" }), aCopy({ id: "3", of: "a" })];
  expect(
    bySource(copies)
      .get("a")
      ?.map(({ id }) => id),
  ).toEqual(["1", "3"]);
});
