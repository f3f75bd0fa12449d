import { expect, test } from "vitest";
import { ageSecondsOf, exposureOfLag, exposureOfPoint } from "../../../functions/core/model/exposure.ts";

const now = new Date("2026-03-02T12:00:00.000Z");

test.each([
  ["a point", exposureOfPoint("web", { id: "web.1", pointAt: "2026-03-02T11:30:00.000Z" }), 1_800],
  ["no point", exposureOfPoint("web", null), null],
  ["a point that is not complete", exposureOfPoint("web", { id: "web.1", pointAt: null }), null],
  ["a lag of replication", exposureOfLag("db", 2, now), 2],
  ["a lag that is not known", exposureOfLag("db", null, now), null],
])("what a loss would take is told alike of %s", (_, exposure, seconds) => {
  expect(ageSecondsOf(exposure, now)).toBe(seconds);
});
