import { describe, expect, it, test } from "vitest";
import { settle } from "../../functions/core/settle.ts";
import type { VolumeState } from "../../functions/core/volume-progress.ts";
import { aPoint } from "../support/builders.ts";
import { aVolumeProgress, theOpenPoint } from "../support/replication.ts";

const point = theOpenPoint({ openedAt: "2026-03-02T11:30:00.000Z", servers: ["i-0a"] });
const now = new Date("2026-03-02T12:10:00.000Z");
const volumes = (...states: VolumeState[]) =>
  states.map((state) => aVolumeProgress({ state, because: `it is ${state}` }));
const newer = (state: "open" | "complete" | "discarded", at = "12:00") =>
  aPoint({ id: `web.${at}`, state, openedAt: `2026-03-02T${at}:00.000Z` });

describe("what becomes of an open point", () => {
  test.each([
    ["all copies completed", volumes("copied", "copied"), [], "complete", "AllCopied"],
    [
      "all copies completed, though a newer one is complete",
      volumes("copied"),
      [newer("complete")],
      "complete",
      "AllCopied",
    ],
    ["one copy pending", volumes("copied", "copying"), [], "keep", "InProgress"],
    ["copies failed, so that they are tried again", volumes("copied", "failed"), [], "keep", "InProgress"],
    ["the source Region silent", volumes("copied", "unknown"), [], "keep", "InProgress"],
    ["a source snapshot lost", volumes("copied", "lost"), [], "discard", "SourceLost"],
    ["a newer one complete", volumes("copying"), [newer("complete")], "discard", "Superseded"],
    ["a newer one open", volumes("copying"), [newer("open")], "keep", "InProgress"],
    ["a newer one discarded", volumes("copying"), [newer("discarded")], "keep", "InProgress"],
    ["never snapshotted, nothing newer", volumes("untaken"), [], "keep", "InProgress"],
    ["never snapshotted, a newer one open", volumes("untaken"), [newer("open")], "discard", "NeverTaken"],
    ["no manifest of a server, a newer one open", [], [newer("open")], "discard", "NeverTaken"],
    ["no manifest of a server", [], [], "keep", "InProgress"],
    [
      "three newer ones open",
      volumes("copying"),
      [newer("open", "11:40"), newer("open", "11:50"), newer("open")],
      "discard",
      "TooManyOpen",
    ],
  ] as const)("%s", (_, progress, others, action, code) => {
    const settlement = settle(point, [...progress], [...others], 1800, now);
    expect(settlement).toMatchObject({ action, code });
    expect(settlement.because).not.toBe("");
  });

  it("is not superseded before one interval has passed", () => {
    const soon = new Date("2026-03-02T11:59:00.000Z");
    expect(settle(point, volumes("copying"), [newer("complete", "11:40")], 1800, soon).action).toBe("keep");
  });

  it("is nothing when no server was left", () => {
    expect(settle({ ...point, servers: [] }, [], [], 1800, now)).toMatchObject({
      action: "discard",
      code: "NoServers",
    });
    const because = "left out: i-0a is gone";
    expect(settle({ ...point, servers: [], because }, [], [], 1800, now).because).toBe(because);
  });
});
