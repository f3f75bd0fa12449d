import { expect, test } from "vitest";
import { skewWarnings } from "../../../../functions/core/instances/capture/skew.ts";
import { aPoint, aResource } from "../../../support/builders.ts";

const resources = [aResource(), aResource({ name: "app" })];
const at = (resource: string, pointAt: string | null) => aPoint({ resource, pointAt });

test("points that lie further apart than the plan makes them are told", () => {
  const web = at("web", "2026-03-02T11:30:00.000Z");
  expect(skewWarnings([web, at("app", "2026-03-02T10:30:00.000Z")], resources)).toEqual([
    "the points are 3600 s apart: app is restored as of 2026-03-02T10:30:00.000Z, web as of 2026-03-02T11:30:00.000Z",
  ]);
  expect(skewWarnings([web, at("app", "2026-03-02T11:00:00.000Z")], resources)).toEqual([]);
  expect([skewWarnings([], []), skewWarnings([web, at("app", null)], resources)]).toEqual([[], []]);
});
