import { describe, expect, it } from "vitest";
import { type Heartbeat, readReport, readSilence, recordHeartbeats } from "../../../functions/core/detect/heartbeat.ts";
import type { SensorReport } from "../../../functions/core/detect/sensor-report.ts";

const start = Date.parse("2026-03-02T12:00:00.000Z");
const time = (seconds: number) => new Date(start + seconds * 1_000);
const iso = (seconds: number) => time(seconds).toISOString();
const region = "eu-west-1";
const report = (at: string, probes: SensorReport["probes"] = {}): SensorReport => ({ region, at, probes });

/** Looks each minute at the reports of a sensor whose clock is wrong by `skew`; it reports until `lastSeconds`. */
const minutes = (count: number, lastSeconds: number, skew: number) => {
  let heard: Record<string, Heartbeat> = {};
  for (let nth = 0; nth < count; nth++) {
    const reported = Math.min(lastSeconds, nth * 60 - 10);
    heard = recordHeartbeats(
      heard,
      nth ? iso(nth * 60 - 60) : null,
      reported < 0 ? [] : [report(iso(reported + skew))],
      time(nth * 60),
    );
  }
  return readSilence(region, 180, heard[region], time((count - 1) * 60)).state;
};

describe("readSilence", () => {
  it.each([
    ["cannot tell of a sensor that never reported", undefined, "cannot-tell", "the sensor of eu-west-1 never reported"],
    [
      "is healthy within its time",
      { at: iso(-180), report: "" },
      "healthy",
      "the sensor of eu-west-1 reported 180 s ago",
    ],
    [
      "is unhealthy after it",
      { at: iso(-181), report: "" },
      "unhealthy",
      "the sensor of eu-west-1 is silent for 181 s",
    ],
  ])("%s", (_case, heard, state, because) => {
    expect(readSilence(region, 180, heard, time(0))).toMatchObject({ state, because, silent: false });
  });
  it.each([0, 600, -600, 7_200, -7_200])("readSilence is right with a clock that is wrong by %d s", (skew) => {
    expect(minutes(10, 10_000, skew)).toBe("healthy");
    expect(minutes(15, 590, skew)).toBe("unhealthy");
    expect(minutes(13, 590, skew)).toBe("healthy");
  });
  it("readSilence takes a first report of the future for one of now, and an old one for what it says", () => {
    expect(recordHeartbeats({}, null, [report(iso(600))], time(0))).toEqual({
      [region]: { at: iso(0), report: iso(600) },
    });
    expect(recordHeartbeats({}, null, [report(iso(-600))], time(0))).toEqual({
      [region]: { at: iso(-600), report: iso(-600) },
    });
  });
  it("readSilence takes an invalid time for no heartbeat", () => {
    expect(recordHeartbeats({}, null, [report("noon")], time(0))).toEqual({});
  });
  it("readSilence knows no later time than now when its own clock was set back", () => {
    const known = { [region]: { at: iso(600), report: iso(600) } };
    expect(recordHeartbeats(known, iso(600), [report(iso(600))], time(0))[region]?.at).toBe(iso(0));
    expect(recordHeartbeats(known, iso(600), [report(iso(60))], time(0))[region]?.at).toBe(iso(0));
  });
});

describe("readReport", () => {
  const seen = { canary: { state: "unhealthy" as const, because: "HTTP 503", silent: false } };
  const heard = (seconds: number) => ({ at: iso(seconds), report: iso(seconds) });
  it.each([
    [
      "says what the sensor saw, and when",
      report(iso(-30), seen),
      heard(-30),
      { state: "unhealthy", because: "from eu-west-1: HTTP 503", at: iso(-30) },
    ],
    [
      "is silent when the sensor is",
      report(iso(-121), seen),
      heard(-121),
      { state: "cannot-tell", because: "the sensor of eu-west-1 did not report for 121 s", silent: true },
    ],
    [
      "cannot tell before the first report",
      undefined,
      undefined,
      { state: "cannot-tell", because: "the sensor of eu-west-1 never reported", silent: false },
    ],
    [
      "cannot tell when the sensor has an older plan",
      report(iso(-30)),
      heard(-30),
      { state: "cannot-tell", because: "the sensor of eu-west-1 does not know canary yet" },
    ],
  ])("%s", (_case, given, when, expected) => {
    expect(readReport("canary", region, given, when, time(0))).toMatchObject(expected);
  });
});
