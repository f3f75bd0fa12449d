import { describe, expect, it } from "vitest";
import { followIncident, incidentId } from "../../../functions/core/detect/incident.ts";
import type { Verdict, VerdictCode } from "../../../functions/core/detect/verdict.ts";

const start = Date.parse("2026-03-02T12:00:00.000Z");
const time = (seconds: number) => new Date(start + seconds * 1_000);
const iso = (seconds: number) => time(seconds).toISOString();
const sustained = 180;
const verdict = (code: VerdictCode, seconds: number, firstFailingAt: string | null = null): Verdict => ({
  code,
  since: iso(seconds),
  at: iso(seconds),
  because: "",
  firstFailingAt,
});

describe("followIncident", () => {
  const open = { id: "20260302T1200Z", firstFailingAt: iso(0), answeredAt: iso(180) };
  const red = verdict("RegionUnhealthy", 180, iso(30));
  it("an incident opens with the first verdict against the Region, named by the minute of its first evidence", () => {
    expect(followIncident(null, red, null, time(180), sustained)).toEqual({
      id: "20260302T1200Z",
      firstFailingAt: iso(30),
      answeredAt: null,
    });
    expect(incidentId("2026-03-02T23:59:59.999Z")).toBe("20260302T2359Z");
  });
  it.each(["Healthy", "Degraded", "ApplicationUnhealthy", "WitnessesDisagree", "CannotTell"] as const)(
    "followIncident does not open with %s",
    (code) => {
      expect(followIncident(null, verdict(code, 0, iso(0)), null, time(0), sustained)).toBeNull();
    },
  );
  it("an incident stays one incident while a witness flaps", () => {
    expect(followIncident(open, verdict("WitnessesDisagree", 240), null, time(240), sustained)).toBe(open);
    expect(followIncident(open, verdict("Healthy", 300), iso(240), time(300), sustained)).toBe(open);
    expect(followIncident(open, verdict("RegionUnhealthy", 600, iso(400)), null, time(600), sustained)).toBe(open);
  });
  it("an incident ends when the Region was healthy for long enough", () => {
    expect(followIncident(open, verdict("Healthy", 420), iso(240), time(420), sustained)).toBeNull();
    expect(followIncident(open, verdict("Healthy", 420), null, time(420), sustained)).toBe(open);
  });
  it("an incident ends with the first healthy verdict when nothing followed from it: the next outage has its own start", () => {
    const unanswered = { ...open, answeredAt: null };
    expect(followIncident(unanswered, verdict("WitnessesDisagree", 240), null, time(240), sustained)).toBe(unanswered);
    expect(followIncident(unanswered, verdict("Healthy", 240), iso(240), time(240), sustained)).toBeNull();
    expect(followIncident(unanswered, verdict("Healthy", 240), null, time(240), sustained)).toBeNull();
  });
});
