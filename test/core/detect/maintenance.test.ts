import { expect, it } from "vitest";
import { maintenanceAt } from "../../../functions/core/detect/maintenance.ts";

const sunday = { cron: "0 2 ? * SUN *", forSeconds: 7_200 };
const until = "2026-03-08T04:00:00.000Z";

it.each([
  ["before it begins", "2026-03-08T01:59:59.999Z", null],
  ["at its first instant", "2026-03-08T02:00:00.000Z", until],
  ["within its first second", "2026-03-08T02:00:00.500Z", until],
  ["at its last instant", "2026-03-08T03:59:59.999Z", until],
  ["at its end", "2026-03-08T04:00:00.000Z", null],
  ["on another day", "2026-03-09T02:30:00.000Z", null],
])("a maintenance window is known %s", (_case, now, expected) => {
  expect(maintenanceAt([sunday], new Date(now))).toEqual(expected && { cron: sunday.cron, until: expected });
});

it("of several maintenance windows the one that lasts longest counts", () => {
  const long = { cron: "0 1 * * ? *", forSeconds: 86_400 };
  const now = new Date("2026-03-08T02:30:00.000Z");
  expect(maintenanceAt([sunday, long], now)?.until).toBe("2026-03-09T01:00:00.000Z");
  expect(maintenanceAt([long, sunday], now)?.until).toBe("2026-03-09T01:00:00.000Z");
});
it("a maintenance window lasts on when it starts again within itself", () => {
  const hourly = { cron: "0 * * * ? *", forSeconds: 5_400 };
  expect(maintenanceAt([hourly], new Date("2026-03-08T02:59:00.000Z"))?.until).toBe("2026-03-08T03:30:00.000Z");
});
it("no maintenance is on without windows, nor before the first of all", () => {
  const now = new Date("2026-03-08T02:30:00.000Z");
  expect(maintenanceAt([], now)).toBeNull();
  expect(maintenanceAt([{ cron: "0 2 1 1 ? 2027", forSeconds: 7_200 }], now)).toBeNull();
});

it.each([
  ["the last day of the month", "0 2 L * ? *", "2026-02-28"],
  ["the weekday nearest to the first", "0 2 1W * ? *", "2026-03-02"],
  ["the last Friday", "0 2 ? * 6L *", "2026-02-27"],
  ["the second Tuesday", "0 2 ? * 3#2 *", "2026-03-10"],
  ["the last day of the week", "0 2 ? * L *", "2026-03-07"],
])("a maintenance window is known on %s", (_case, cron, day) => {
  const of = (time: string) => maintenanceAt([{ cron, forSeconds: 7_200 }], new Date(`${day}T${time}.000Z`))?.until;
  expect([of("01:59:59"), of("02:00:00"), of("04:00:00")]).toEqual([undefined, `${day}T04:00:00.000Z`, undefined]);
});

const nightly = { cron: "30 2 * * ? *", forSeconds: 3_600, timeZone: "Europe/Berlin" };
it.each([
  ["in winter", "2026-03-02T01:30:00.000Z", "2026-03-02T02:30:00.000Z"],
  ["in summer", "2026-07-02T00:30:00.000Z", "2026-07-02T01:30:00.000Z"],
  [
    "where clocks are put forward over its beginning: as long after it",
    "2026-03-29T01:45:00.000Z",
    "2026-03-29T02:30:00.000Z",
  ],
  ["before that", "2026-03-29T01:29:59.000Z", null],
  ["where clocks are put back: at the first of two", "2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"],
  ["in the hour that they show again", "2026-10-25T01:10:00.000Z", "2026-10-25T01:30:00.000Z"],
  ["at the second of two", "2026-10-25T01:30:00.000Z", null],
])("a maintenance window follows the clocks of its time zone %s", (_case, now, expected) => {
  expect(maintenanceAt([nightly], new Date(now))).toEqual(expected && { cron: nightly.cron, until: expected });
});
