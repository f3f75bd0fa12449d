import { describe, expect, it } from "vitest";
import { newCaptureProgress, shortfallOf } from "../../../../functions/core/instances/capture/capture-progress.ts";
import { counted, noneYet } from "../../../../functions/core/tally.ts";

const progress = newCaptureProgress({ resource: "web", point: "web.1", deadline: "", earlier: null });
const five = ["a", "b", "c", "d", "e"].reduce(counted, noneYet);

describe("what a point falls short of", () => {
  it("is nothing, when every server has its whole set", () => {
    expect(shortfallOf(progress, 2)).toBeNull();
  });

  it("is told with exact counts and the first reasons", () => {
    expect(shortfallOf({ ...progress, leftOut: five }, 20)).toBe("5 of 25 servers left out: a; b; c; and 2 more");
  });

  it("names volumes that are gone, and servers that are not consistent", () => {
    const one = counted(noneYet, "vol-1 of i-1");
    expect(shortfallOf({ ...progress, lostVolumes: one, inconsistent: counted(noneYet, "i-2: late") }, 2)).toBe(
      "volumes gone before their snapshots: vol-1 of i-1; 1 of 2 servers crash-consistent only: i-2: late",
    );
  });
});
