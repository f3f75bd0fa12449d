import { describe, expect, it } from "vitest";
import { type AlarmChange, brief, readAlarm, readApi, readHealthText } from "../../../functions/core/detect/witness.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const silent = { silent: true, because: "TimeoutError: no answer within 3 s" };
const refused = { silent: false, because: "AccessDenied: no" };
const level = (state: string, reason = "crossed") => ({ value: { errors: { state, reason } } });
const change = (state: string, at = "2026-03-02T11:59:00.000Z"): AlarmChange => ({
  alarm: "errors",
  region: "eu-west-1",
  state,
  reason: "told",
  at,
});

describe("readAlarm", () => {
  it.each([
    ["an alarm that is OK is healthy", level("OK"), null, "healthy", "OK: crossed", false],
    ["an alarm in ALARM is unhealthy", level("ALARM"), null, "unhealthy", "ALARM: crossed", false],
    [
      "too few data cannot tell",
      level("INSUFFICIENT_DATA", ""),
      null,
      "cannot-tell",
      "INSUFFICIENT_DATA: no reason given",
      false,
    ],
    [
      "an alarm that does not exist cannot tell",
      { value: {} },
      null,
      "cannot-tell",
      "alarm errors does not exist",
      false,
    ],
    ["a silent Region cannot tell: not unhealthy", silent, null, "cannot-tell", silent.because, true],
    ["a refusal cannot tell, and is not silence", refused, null, "cannot-tell", refused.because, false],
    ["a fresh event stands in for a silent Region", silent, change("ALARM"), "unhealthy", "ALARM: told", false],
    ["an old event does not", silent, change("ALARM", "2026-03-02T11:57:59.000Z"), "cannot-tell", silent.because, true],
    ["the level counts more than the event", level("OK"), change("ALARM"), "healthy", "OK: crossed", false],
  ] as const)("%s", (_case, answer, told, state, because, isSilent) => {
    expect(readAlarm("errors", answer, told, null, now)).toMatchObject({ state, because, silent: isSilent });
  });
});

describe("readAlarm and events that come late, twice or out of order", () => {
  it.each([
    ["keeps the time of the event", change("ALARM"), null, { state: "unhealthy", at: "2026-03-02T11:59:00.000Z" }],
    [
      "ignores one that is older than the last reading",
      change("ALARM"),
      "2026-03-02T11:59:00.001Z",
      { state: "cannot-tell", silent: true },
    ],
    [
      "hears the same one twice as once",
      change("ALARM"),
      "2026-03-02T11:59:00.000Z",
      { state: "unhealthy", at: "2026-03-02T11:59:00.000Z" },
    ],
    [
      "takes one of the future for one of now",
      change("ALARM", "2026-03-02T13:00:00.000Z"),
      "2026-03-02T11:59:30.000Z",
      { state: "unhealthy", at: now.toISOString() },
    ],
    ["takes OK at its word too", change("OK"), null, { state: "healthy" }],
    ["cannot tell from a state that says nothing", change("INSUFFICIENT_DATA"), null, { state: "cannot-tell" }],
  ])("%s", (_case, told, lastAt, expected) => {
    expect(readAlarm("errors", silent, told, lastAt, now)).toMatchObject(expected);
  });
});

describe("readHealthText", () => {
  it.each([
    [{ values: ["healthy"] }, "healthy", "TXT _lifeboat says healthy"],
    [{ values: ['"unhealthy"'] }, "unhealthy", "TXT _lifeboat says unhealthy"],
    [{ values: ["ill"] }, "cannot-tell", "TXT _lifeboat says ill"],
    [{ values: ["healthy", "unhealthy"] }, "cannot-tell", "TXT _lifeboat says healthy, unhealthy"],
    [{ values: [] }, "cannot-tell", "TXT _lifeboat says nothing"],
    [{ error: "ENOTFOUND" }, "cannot-tell", "TXT _lifeboat: no answer (ENOTFOUND)"],
  ])("%j: %s", (answer, state, because) => {
    expect(readHealthText("_lifeboat", answer)).toEqual({ state, because, silent: false });
  });
});

describe("readApi", () => {
  it.each([
    [{ value: ["a"] }, "healthy", "the API answers"],
    [silent, "unhealthy", silent.because],
    [refused, "cannot-tell", refused.because],
  ])("%j is %s", (answer, state, because) => {
    expect(readApi(answer)).toEqual({ state, because, silent: false });
  });
});

it("reasons that come from AWS are cut short", () => {
  expect(brief("x".repeat(240))).toHaveLength(240);
  expect(brief("x".repeat(1_023))).toBe(`${"x".repeat(240)}…`);
});
