import { describe, expect, it, test } from "vitest";
import { deadlineOf, stalePoint } from "../../../functions/core/points/stale-point.ts";
import { aPoint } from "../../support/builders.ts";
import { theOpenPoint } from "../../support/replication.ts";

const openedAt = (time: string) => `2026-03-02T${time}:00.000Z`;
const now = new Date(openedAt("12:30"));
const point = theOpenPoint({ openedAt: openedAt("12:00") });
const newer = (state: "open" | "complete" | "discarded", time = "12:10") =>
  aPoint({ id: `web.${time}`, state, openedAt: openedAt(time) });

describe("stalePoint", () => {
  test.each([
    ["a lone point", point, [], null],
    ["older points", point, [newer("complete", "11:00")], null],
    ["a point with no server left", theOpenPoint({ servers: [] }), [], "no server was left"],
    ["a point that is still being described", theOpenPoint({ servers: [], opening: "" }), [], null],
    ["a newer complete one", point, [newer("complete")], "web.12:10 is newer and complete"],
    ["a newer damaged one", point, [{ ...newer("complete"), damaged: { at: "", because: "gone" } }], null],
    ["a newer discarded one", point, [newer("discarded")], null],
    ["two newer open ones", point, [newer("open"), newer("open", "12:20")], null],
    [
      "three newer open ones",
      point,
      [newer("open"), newer("open", "12:20"), newer("open", "12:25")],
      "3 newer points are open: copies take far longer than 1200 s",
    ],
  ] as const)("%s", (_, open, others, because) => {
    expect(stalePoint(open, [...others], 1200, now)).toBe(because);
  });

  it("a point that is young is kept beside a newer complete one", () => {
    expect(stalePoint(point, [newer("complete")], 3600, now)).toBeNull();
  });

  it("stalePoint tells why servers were left out, when none is left", () => {
    expect(stalePoint(theOpenPoint({ servers: [], because: "2 gone" }), [], 1200, now)).toBe("2 gone");
  });
});

describe("deadlineOf", () => {
  it("the deadline of a point is when the objective is missed without it", () => {
    expect(deadlineOf(openedAt("12:00"), aPoint({ pointAt: openedAt("11:30") }), 3600)).toBe(openedAt("12:30"));
  });

  it("the deadline of a first point is now: the objective is missed already", () => {
    expect(deadlineOf(openedAt("12:00"), null, 3600)).toBe(openedAt("12:00"));
  });
});
