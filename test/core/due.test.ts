import { describe, expect, it, test } from "vitest";
import { due, newestOf } from "../../functions/core/due.ts";
import { aPoint, aResource } from "../support/builders.ts";
import { aPass } from "../support/replication.ts";

const resource = aResource({ everySeconds: 1800 });
const run = aPass({ startedAt: "2026-03-02T12:00:00.000Z" });
const openedAt = (time: string) => `2026-03-02T${time}:00.000Z`;

describe("due", () => {
  test.each([
    ["no point at all", [], "open", "First"],
    ["a point of half an hour ago", [aPoint({ openedAt: openedAt("11:30") })], "open", "Due"],
    ["a scheduler that was a minute early", [aPoint({ openedAt: openedAt("11:31") })], "open", "Due"],
    ["a point of 28 minutes ago", [aPoint({ openedAt: openedAt("11:32") })], "finish", "Fresh"],
    ["an open point of 28 minutes ago", [aPoint({ openedAt: openedAt("11:32"), state: "open" })], "finish", "Fresh"],
    ["only a discarded point", [aPoint({ openedAt: openedAt("11:50"), state: "discarded" })], "open", "First"],
    ["its own point, opened before a crash", [aPoint({ id: "web.20260302T120000Z" })], "finish", "Opened"],
  ] as const)("%s", (_, points, action, code) => {
    expect(due(resource, [...points], run)).toMatchObject({ action, code });
  });

  it("always opens one for a person, but one a pass", () => {
    const asked = aPass({ request: { ...run.request, by: "person" } });
    const fresh = aPoint({ openedAt: openedAt("11:59") });
    expect(due(resource, [fresh], asked)).toMatchObject({ action: "open", code: "Asked" });
    const own = aPoint({ id: "web.20260302T120000Z", state: "discarded" });
    expect(due(resource, [fresh, own], asked)).toMatchObject({ action: "finish", code: "Opened" });
  });

  it("says how old the newest one is", () => {
    const { because } = due(resource, [aPoint({ openedAt: openedAt("11:40") })], run);
    expect(because).toContain("1200 s before this pass; one is made every 1800 s");
  });
});

test("the newest point is the one opened last, whatever the order", () => {
  const [old, young] = [aPoint({ id: "old", openedAt: openedAt("10:00") }), aPoint({ id: "young" })];
  expect(newestOf([young, old])?.id).toBe("young");
  expect(newestOf([old, young])?.id).toBe("young");
  expect(newestOf([])).toBeNull();
});
