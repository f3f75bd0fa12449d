import { describe, expect, it } from "vitest";
import {
  countedMany,
  isNothing,
  nothingYet,
  rotationText,
  shortfallsOf,
} from "../../../functions/core/points/rotation-tally.ts";
import { noneYet } from "../../../functions/core/tally.ts";

describe("the tally of a rotation", () => {
  it("the tally of a rotation is nothing until a point goes, loses its sources, or is left", () => {
    expect(isNothing({ ...nothingYet, complete: 9, kept: 9 })).toBe(true);
    for (const one of ["rotated", "finished", "sourceless", "left"])
      expect(isNothing({ ...nothingYet, [one]: 1 })).toBe(false);
  });
  it("the tally of a rotation says in one line what went", () => {
    expect(rotationText({ ...nothingYet, complete: 3, kept: 3 })).toBe(
      "3 of 3 complete points stay, 0 go; 0 copies, 0 source snapshots and 0 images deleted",
    );
    expect(rotationText({ ...nothingYet, complete: 3, kept: 2, rotated: 1, finished: 2, sourceless: 1 })).toContain(
      "2 that were discarded before go; 1 lose their source snapshots",
    );
  });
  it("the tally of a rotation counts what it could not do", () => {
    const unanswered = countedMany(noneYet, 40, "eu-west-1 did not respond");
    expect(shortfallsOf({ ...nothingYet, unanswered, left: 2 })).toEqual([
      "40 left to the next rotation: eu-west-1 did not respond; and 39 more",
      "2 points left to the next rotation",
    ]);
    expect(countedMany(noneYet, 0, "nothing")).toBe(noneYet);
  });
});
