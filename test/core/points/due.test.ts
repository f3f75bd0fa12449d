import { describe, expect, it, test } from "vitest";
import { wakeRunName } from "../../../functions/core/names.ts";
import { due, newestOf } from "../../../functions/core/points/due.ts";
import { aPoint, aResource } from "../../support/builders.ts";
import { aPass } from "../../support/replication.ts";

const resource = aResource({ everySeconds: 1800 });
const run = aPass({ startedAt: "2026-03-02T12:00:00.000Z" });
const tick = 1800;
const openedAt = (time: string) => `2026-03-02T${time}:00.000Z`;

describe("due", () => {
  test.each([
    ["no point at all", [], "open", "First"],
    ["a point of half an hour ago", [aPoint({ openedAt: openedAt("11:30") })], "open", "Due"],
    ["a point made six minutes after the last pass", [aPoint({ openedAt: openedAt("11:36") })], "open", "Due"],
    ["a point of 14 minutes ago", [aPoint({ openedAt: openedAt("11:46") })], "finish", "Fresh"],
    ["an open point of 14 minutes ago", [aPoint({ openedAt: openedAt("11:46"), state: "open" })], "finish", "Fresh"],
    ["only a discarded point", [aPoint({ openedAt: openedAt("11:50"), state: "discarded" })], "open", "First"],
    [
      "only a damaged point",
      [aPoint({ openedAt: openedAt("11:50"), damaged: { at: "", because: "gone" } })],
      "open",
      "First",
    ],
    ["its own point, opened before a crash", [aPoint({ id: "web.20260302T120000Z" })], "finish", "Opened"],
  ] as const)("%s", (_, points, action, code) => {
    expect(due(resource, [...points], run, tick)).toMatchObject({ action, code });
  });

  test.each([
    ["of one tick ago, once in two", openedAt("11:30"), 3600, "Fresh"],
    ["of two ticks ago", openedAt("11:00"), 3600, "Due"],
    ["of two ticks ago, the scheduler having been late the first time", openedAt("11:10"), 3600, "Due"],
    ["of 23 hours and a half ago, once a day", "2026-03-01T12:30:00.000Z", 86_400, "Fresh"],
    ["of nearly a day ago, made out of turn", "2026-03-01T12:10:00.000Z", 86_400, "Due"],
  ] as const)("a point %s", (_, opened, everySeconds, code) => {
    expect(due(aResource({ everySeconds }), [aPoint({ openedAt: opened })], run, tick)).toMatchObject({ code });
  });

  it("a pass that an event started opens no new point while the newest is fresh", () => {
    const woken = aPass({ name: wakeRunName("shop", new Date()), startedAt: run.startedAt });
    const dueAt = (time: string) => due(resource, [aPoint({ openedAt: openedAt(time) })], woken, tick).code;
    expect([dueAt("11:32"), dueAt("11:31")]).toEqual(["Fresh", "Due"]);
  });

  it("a pass that a person started always opens a point, but only one", () => {
    const asked = aPass({ request: { ...run.request, by: "person" } });
    const fresh = aPoint({ openedAt: openedAt("11:59") });
    expect(due(resource, [fresh], asked, tick)).toMatchObject({ action: "open", code: "Asked" });
    const own = aPoint({ id: "web.20260302T120000Z", state: "discarded" });
    expect(due(resource, [fresh, own], asked, tick)).toMatchObject({ action: "finish", code: "Opened" });
  });

  it("due reports the age of the newest point", () => {
    const { because } = due(resource, [aPoint({ openedAt: openedAt("11:40") })], run, tick);
    expect(because).toContain("1200 s before this pass; one is made every 1800 s");
  });
});

test("the newest point is the one opened last, whatever the order", () => {
  const [old, young] = [aPoint({ id: "old", openedAt: openedAt("10:00") }), aPoint({ id: "young" })];
  expect(newestOf([young, old])?.id).toBe("young");
  expect(newestOf([old, young])?.id).toBe("young");
  expect(newestOf([])).toBeNull();
});
