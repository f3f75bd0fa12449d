import { describe, expect, it } from "vitest";
import { cronOf, scheduleOf } from "../../../../functions/core/plan/values/schedule.ts";

const hour = 3_600;
const day = 24 * hour;

describe("scheduleOf", () => {
  it.each([
    ["rate(1 minute)", 60, 60],
    ["rate(30 minutes)", 1_800, 1_800],
    ["rate(1 hour)", hour, hour],
    ["rate(2 days)", 2 * day, 2 * day],
    ["cron(0/15 * * * ? *)", 900, 900],
    ["cron(0 2 * * ? *)", day, day],
    ["cron(0 8-17 ? * MON-FRI *)", hour, 63 * hour],
    ["cron(0 2 ? * SUN *)", 7 * day, 7 * day],
    ["cron(0 2 ? * 1 *)", 7 * day, 7 * day],
    ["cron(0 2 L * ? *)", 28 * day, 31 * day],
    ["cron(0 2 ? * 6L *)", 28 * day, 35 * day],
    ["cron(0 2 ? * 2#1 *)", 28 * day, 35 * day],
    ["cron(0 2 ? * L *)", 7 * day, 7 * day],
    ["cron(0 2 ? * FRIL *)", 28 * day, 35 * day],
    ["cron(0 2 ? * MON,L *)", 2 * day, 5 * day],
    ["cron(0 2 15W JAN-DEC ? 2026-2030)", 28 * day, 32 * day],
    ["cron(0 2 1 1 ? 2027)", 400 * day, 400 * day],
  ])("scheduleOf reads %s", (expression, shortestSeconds, longestSeconds) => {
    expect(scheduleOf(expression)).toEqual({ ok: true, shortestSeconds, longestSeconds });
  });

  it.each([
    ["hourly", "a schedule such as rate(30 minutes) or cron(0 2 * * ? *)"],
    ["rate(1 minutes)", "rate(1 minute): EventBridge takes the singular for 1 only"],
    ["rate(5 minute)", "rate(5 minutes): EventBridge takes the singular for 1 only"],
    ["rate(0 minutes)", "rate(VALUE UNIT), the unit minute, hour or day in the plural above 1"],
    ["rate(30 seconds)", "rate(VALUE UNIT), the unit minute, hour or day in the plural above 1"],
    ["cron(0 2 * * *)", "six cron fields (minutes hours day-of-month month day-of-week year), not 5"],
    ["cron(0 2 * * * *)", "? in one of the cron fields day of month and day of week, and in one only"],
    ["cron(0 2 ? * ? *)", "? in one of the cron fields day of month and day of week, and in one only"],
    ["cron(? 2 * * ? *)", "a cron field for minutes (0-59) in place of ?"],
    ["cron(0 2 * mon ? *)", "a cron field for month (1-12 or JAN-DEC) in place of mon"],
    ["cron(0 25 * * ? *)", "a cron expression that EventBridge reads: Invalid value for hour: 25"],
    ["cron(0 0 30 2 ? *)", "a cron expression that fires at least once"],
    ["cron(0 0 * * ? 2020)", "a cron expression that fires at least once"],
  ])("scheduleOf says why %s is no schedule", (expression, because) => {
    expect(scheduleOf(expression)).toEqual({ ok: false, because });
  });

  it.each([
    ["cron(30 2 * * ? *)", "Europe/Berlin", day, 47 * hour],
    ["cron(30 3 * * ? *)", "Europe/Berlin", 23 * hour, 25 * hour],
    ["cron(0 12 * * ? *)", "Asia/Kolkata", day, day],
    ["rate(1 hour)", "Europe/Berlin", hour, hour],
  ])(
    "scheduleOf leaves out of %s what the clocks of %s never show, and knows their short day",
    (text, zone, shortest, longest) => {
      expect(scheduleOf(text, zone)).toEqual({ ok: true, shortestSeconds: shortest, longestSeconds: longest });
    },
  );

  it("scheduleOf reads the fields of a maintenance window without cron()", () => {
    expect(cronOf("0 2 ? * SUN *")).toEqual(scheduleOf("cron(0 2 ? * SUN *)"));
  });
});
