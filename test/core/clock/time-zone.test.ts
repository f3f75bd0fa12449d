import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantOf, isTimeZone, wallOf } from "../../../functions/core/clock/time-zone.ts";

const at = (text: string) => Date.parse(text);

describe("the clocks of a time zone", () => {
  it.each([
    ["UTC", "2026-03-02T12:00:00.000Z", "2026-03-02T12:00:00.000Z"],
    ["Europe/Berlin", "2026-03-02T13:00:00.000Z", "2026-03-02T12:00:00.000Z"],
    ["Europe/Berlin", "2026-07-02T14:00:00.000Z", "2026-07-02T12:00:00.000Z"],
    ["Asia/Kolkata", "2026-03-02T17:30:00.250Z", "2026-03-02T12:00:00.250Z"],
    ["Australia/Lord_Howe", "2026-07-01T10:30:00.000Z", "2026-07-01T00:00:00.000Z"],
  ])("the clocks of %s show %s", (zone, wall, instant) => {
    expect(wallOf(at(instant), zone)).toBe(at(wall));
    expect(instantOf(at(wall), zone)).toEqual({ at: at(instant), exists: true });
  });

  it("the clocks of a time zone never show what they skip, and show twice what they repeat: then the first counts", () => {
    expect(instantOf(at("2026-03-29T02:30:00.000Z"), "Europe/Berlin")).toEqual({
      at: at("2026-03-29T01:30:00.000Z"),
      exists: false,
    });
    expect(instantOf(at("2026-10-25T02:30:00.000Z"), "Europe/Berlin")).toEqual({
      at: at("2026-10-25T00:30:00.000Z"),
      exists: true,
    });
  });

  it("lead back to an instant at which they show the same", () => {
    const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"];
    const span = { min: at("2024-01-01T00:00:00.000Z"), max: at("2032-01-01T00:00:00.000Z") };
    fc.assert(
      fc.property(fc.integer(span), fc.constantFrom(...zones), (instant, zone) => {
        const wall = wallOf(instant, zone);
        const found = instantOf(wall, zone);
        expect(found.exists).toBe(true);
        expect(wallOf(found.at, zone)).toBe(wall);
        expect(found.at).toBeLessThanOrEqual(instant);
      }),
    );
  });
});

it.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])("%s is a time zone", (name) =>
  expect(isTimeZone(name)).toBe(true),
);
it.each(["", "utc", "Berlin", "+02:00", "Europe/berlin", "Mars/Olympus"])("%s is none", (name) =>
  expect(isTimeZone(name)).toBe(false),
);
