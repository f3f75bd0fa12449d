import { describe, expect, it } from "vitest";
import { type AlarmChange, readAlarm, readApi, readProbe } from "../../functions/core/witness.ts";

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
    expect(readAlarm("errors", answer, told, now)).toEqual({ state, because, silent: isSilent });
  });
});

describe("readProbe", () => {
  it.each([
    [{ status: 200 }, "healthy", "HTTP 200"],
    [{ status: 302 }, "healthy", "HTTP 302"],
    [{ status: 404 }, "unhealthy", "HTTP 404"],
    [{ status: 503 }, "unhealthy", "HTTP 503"],
    [{ status: 0 }, "unhealthy", "HTTP 0"],
    [{ error: "ETIMEDOUT" }, "unhealthy", "no answer (ETIMEDOUT)"],
    [{ error: "ENOTFOUND" }, "unhealthy", "no answer (ENOTFOUND)"],
    [{ error: "EAI_AGAIN" }, "cannot-tell", "our own resolver does not answer (EAI_AGAIN)"],
  ])("%j is %s", (answer, state, because) => {
    expect(readProbe(answer)).toEqual({ state, because, silent: false });
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
