import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pointId } from "../../../functions/core/names.ts";
import { choosePoint, olderPoints, pointToPin, readPointRequest } from "../../../functions/core/points/choose-point.ts";
import { aPoint } from "../../support/builders.ts";

const route = { source: "eu-west-1", target: "eu-central-1" };
const at = (time: string, over: Parameters<typeof aPoint>[0] = {}) => {
  const openedAt = `2026-03-02T${time}:00.000Z`;
  const resource = over.resource ?? "web";
  return aPoint({ id: pointId(resource, new Date(openedAt)), openedAt, pointAt: openedAt, ...over });
};
const points = [at("10:00"), at("11:00"), at("11:30", { state: "open", pointAt: null }), at("10:30")];
const chosen = (request: string, from = points, resource = "web") =>
  choosePoint(from, resource, readPointRequest(request)!, route)?.id ?? null;

describe("readPointRequest", () => {
  it.each([
    ["latest", { kind: "latest" }],
    [
      "web.20260302T113000Z",
      { kind: "id", id: "web.20260302T113000Z", resource: "web", at: Date.UTC(2026, 2, 2, 11, 30) },
    ],
    ["2026-03-02T11:30:00Z", { kind: "time", at: Date.UTC(2026, 2, 2, 11, 30) }],
    ["2026-03-02T12:30:00+01:00", { kind: "time", at: Date.UTC(2026, 2, 2, 11, 30) }],
    ["2026-03-02", { kind: "time", at: Date.UTC(2026, 2, 2) }],
    ["yesterday", null],
    ["", null],
    ["web.20269902T113000Z", null],
    ["2026-13-02", null],
    ["5", null],
  ])("readPointRequest reads %s", (text, expected) => {
    expect(readPointRequest(text)).toEqual(expected);
  });
});

describe("a damaged point", () => {
  const damaged = points.map((point) =>
    point.id === "web.20260302T110000Z" ? { ...point, damaged: { at: "", because: "gone" } } : point,
  );

  it("a damaged point is chosen neither as the latest one nor for a time", () => {
    expect(chosen("latest", damaged)).toBe("web.20260302T103000Z");
    expect(chosen("2026-03-02T11:10:00Z", damaged)).toBe("web.20260302T103000Z");
  });
  it("a damaged point is taken when it is asked for by its id, or when there is no other", () => {
    expect(chosen("web.20260302T110000Z", damaged)).toBe("web.20260302T110000Z");
    const all = damaged.map((point) => ({ ...point, damaged: { at: "", because: "gone" } }));
    expect(chosen("latest", all)).toBeNull();
    expect(pointToPin(all, "web", { kind: "latest" }, route)?.id).toBe("web.20260302T110000Z");
  });
  it("a damaged point is among those that may stand in for a newer one", () => {
    const [newest] = [at("11:30")];
    expect(olderPoints([...damaged, newest], newest, route).map(({ id }) => id)).toEqual([
      "web.20260302T110000Z",
      "web.20260302T103000Z",
      "web.20260302T100000Z",
    ]);
  });
});

describe("choosePoint", () => {
  it("choosePoint takes the newest complete point for latest", () => {
    expect(chosen("latest")).toBe("web.20260302T110000Z");
  });
  it("choosePoint takes the newest point at or before a time", () => {
    expect(chosen("2026-03-02T10:59:00Z")).toBe("web.20260302T103000Z");
    expect(chosen("2026-03-02T11:00:00Z")).toBe("web.20260302T110000Z");
  });
  it("choosePoint takes nothing when every point is later", () => {
    expect(chosen("2026-03-02T09:00:00Z")).toBeNull();
  });
  it("choosePoint takes an id exactly for its own resource", () => {
    expect(chosen("web.20260302T100000Z")).toBe("web.20260302T100000Z");
    expect(chosen("web.20260302T101500Z")).toBeNull();
  });
  it("choosePoint never takes an open or a discarded point, even by its id", () => {
    expect(chosen("web.20260302T113000Z")).toBeNull();
    expect(chosen("latest", [at("10:00", { state: "discarded" })])).toBeNull();
  });
  it("choosePoint takes for another resource the newest point of that pass or before it", () => {
    const app = [at("10:00", { resource: "app" }), at("10:30", { resource: "app" }), at("11:00", { resource: "app" })];
    expect(chosen("web.20260302T103000Z", app, "app")).toBe("app.20260302T103000Z");
    expect(chosen("web.20260302T105900Z", app, "app")).toBe("app.20260302T103000Z");
  });
  it("choosePoint takes no point that was made for the other direction", () => {
    expect(chosen("latest", [at("10:00", { source: "eu-central-1", target: "eu-west-1" })])).toBeNull();
  });
  it("choosePoint gives the same point whatever the order of the list", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(points, { minLength: points.length }), (shuffled) => {
        expect(chosen("latest", shuffled)).toBe("web.20260302T110000Z");
      }),
    );
  });
});
