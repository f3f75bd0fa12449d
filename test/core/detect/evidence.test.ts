import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arm, type Evidence } from "../../../functions/core/detect/evidence.ts";
import type { Verdict, VerdictCode } from "../../../functions/core/detect/verdict.ts";
import { castVote, type Vote } from "../../../functions/core/detect/vote.ts";
import type { Reading } from "../../../functions/core/detect/witness.ts";

const start = Date.parse("2026-03-02T12:00:00.000Z");
const time = (seconds: number) => new Date(start + seconds * 1_000);
const iso = (seconds: number) => time(seconds).toISOString();
const healthy: Reading = { state: "healthy", because: "HTTP 200", silent: false };
const unhealthy: Reading = { state: "unhealthy", because: "HTTP 503", silent: false };
const silence: Reading = { state: "cannot-tell", because: "no answer", silent: true };
const refusal: Reading = { state: "cannot-tell", because: "AccessDenied", silent: false };
const sustained = 180;

/** Votes of one witness read each minute from 0. */
const cast = (readings: Reading[], everySeconds = 60) =>
  readings.reduce<Vote | undefined>(
    (vote, reading, nth) => castVote(vote, reading, time(nth * everySeconds), sustained),
    undefined,
  )!;

describe("castVote", () => {
  it("castVote remembers since when a state lasts", () => {
    expect(cast([healthy, unhealthy, unhealthy])).toEqual({
      state: "unhealthy",
      at: iso(120),
      since: iso(60),
      because: "HTTP 503",
      lastHealthyAt: iso(0),
      checkedAt: iso(120),
    });
  });
  it("castVote starts anew after missed evaluations: nobody knows what happened in between", () => {
    expect(cast([unhealthy, unhealthy], 121).since).toBe(iso(121));
    expect(cast([unhealthy, unhealthy], 120).since).toBe(iso(0));
  });
  it("castVote keeps an unhealthy vote when its Region falls silent, and says so", () => {
    expect(cast([unhealthy, silence, silence])).toEqual({
      state: "unhealthy",
      at: iso(0),
      since: iso(0),
      because: `unhealthy when last read at ${iso(0)}, silent now: no answer`,
      lastHealthyAt: null,
      checkedAt: iso(120),
    });
  });
  it("castVote keeps an unhealthy vote for the sustained time and 5 minutes, then cannot tell", () => {
    const ticks = (count: number) => cast([unhealthy, ...Array.from({ length: count }, () => silence)]);
    expect(ticks(8).state).toBe("unhealthy");
    expect(ticks(9)).toMatchObject({ state: "cannot-tell", since: iso(540), because: "no answer" });
    expect(ticks(10).state).toBe("cannot-tell");
  });
  it("castVote counts one unhealthy time when the Region answers unhealthy again", () => {
    expect(cast([unhealthy, silence, silence, silence, unhealthy]).since).toBe(iso(0));
  });
  it("castVote never keeps a healthy vote, nor an unhealthy one after an answer that says nothing", () => {
    expect(cast([healthy, silence]).state).toBe("cannot-tell");
    expect(cast([unhealthy, refusal]).state).toBe("cannot-tell");
  });
  it("castVote keeps the time of an event, and starts no earlier than the evaluation that saw something else", () => {
    const event = (seconds: number): Reading => ({ ...unhealthy, because: "ALARM", at: iso(seconds) });
    const before = cast([healthy]);
    expect(castVote(before, event(30), time(50), sustained)).toMatchObject({ at: iso(30), since: iso(30) });
    expect(castVote(before, event(-20), time(50), sustained)).toMatchObject({ at: iso(-20), since: iso(0) });
    expect(castVote(before, event(900), time(50), sustained)).toMatchObject({ at: iso(50), since: iso(50) });
    expect(castVote(undefined, event(30), time(50), sustained)).toMatchObject({ at: iso(30), since: iso(50) });
  });
  it("castVote remembers the last evidence while nothing answers", () => {
    expect(cast([healthy, silence, silence])).toMatchObject({ state: "cannot-tell", at: iso(0), since: iso(60) });
  });
  it("castVote leaves alone a vote that a faster evaluation has cast later, and starts anew when the clock was set back", () => {
    const later = castVote(undefined, healthy, time(60), sustained);
    expect(castVote(later, unhealthy, time(57), sustained)).toBe(later);
    expect(castVote(later, unhealthy, time(-600), sustained)).toMatchObject({ state: "unhealthy", since: iso(-600) });
  });
  it("castVote is healthy only when the last evaluation was, and unhealthy no longer than it may be kept", () => {
    const readings = fc.array(fc.constantFrom(healthy, unhealthy, silence, refusal), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(readings, (list) => {
        const vote = cast(list);
        const last = list.at(-1);
        expect(vote.state === "healthy").toBe(last === healthy);
        if (last === unhealthy) expect(vote.state).toBe("unhealthy");
        if (vote.state === "unhealthy")
          expect((Date.parse(vote.checkedAt) - Date.parse(vote.at)) / 1_000).toBeLessThanOrEqual(sustained + 300);
        expect(vote.since <= vote.checkedAt).toBe(true);
      }),
    );
  });
});

const verdict = (code: VerdictCode, seconds: number, firstFailingAt: string | null = null): Verdict => ({
  code,
  since: iso(seconds),
  at: iso(seconds),
  because: "",
  firstFailingAt,
});
const evidence = (over: Partial<Evidence>): Evidence => ({
  votes: {},
  greenSince: null,
  armedAt: null,
  verdict: verdict("Healthy", 0),
  decision: null,
  incident: null,
  ...over,
});
const rule = { armAfterHealthySeconds: 600, lastRunEndedAt: null, watching: true };

describe("arm", () => {
  it("detection counts healthy time from its first tick, and is armed when that has lasted", () => {
    expect(arm(null, verdict("Healthy", 0), time(0), rule)).toEqual({ greenSince: iso(0), armedAt: null });
    const before = evidence({ greenSince: iso(0), verdict: verdict("Healthy", 540) });
    expect(arm(before, verdict("Healthy", 599), time(599), rule).armedAt).toBeNull();
    expect(arm(before, verdict("Healthy", 600), time(600), rule)).toEqual({ greenSince: iso(0), armedAt: iso(600) });
  });
  it("detection starts to count anew after an unhealthy vote, and after missed ticks", () => {
    const before = evidence({ greenSince: iso(0), verdict: verdict("Healthy", 540) });
    expect(arm(before, verdict("WitnessesDisagree", 600), time(600), rule)).toEqual({
      greenSince: null,
      armedAt: null,
    });
    expect(arm(before, verdict("Healthy", 700), time(700), rule)).toEqual({ greenSince: iso(700), armedAt: null });
  });
  it("detection stays armed while votes are unhealthy", () => {
    const before = evidence({ greenSince: iso(0), armedAt: iso(600), verdict: verdict("Healthy", 600) });
    expect(arm(before, verdict("RegionUnhealthy", 660), time(660), rule).armedAt).toBe(iso(600));
  });
  it("detection is not armed while another Region serves, however healthy the old one is", () => {
    const before = evidence({ greenSince: iso(0), armedAt: iso(600), verdict: verdict("Healthy", 600) });
    const away = { ...rule, watching: false };
    expect(arm(before, verdict("Healthy", 660), time(660), away)).toEqual({ greenSince: null, armedAt: null });
  });
  it("detection is disarmed by a run that has ended since, and armed again by healthy time after it", () => {
    const before = evidence({ greenSince: iso(0), armedAt: iso(600), verdict: verdict("Healthy", 1_000) });
    const ran = { ...rule, lastRunEndedAt: iso(900) };
    expect(arm(before, verdict("Healthy", 1_060), time(1_060), ran)).toEqual({ greenSince: iso(0), armedAt: null });
    const later = { ...before, armedAt: null, verdict: verdict("Healthy", 1_440) };
    expect(arm(later, verdict("Healthy", 1_499), time(1_499), ran).armedAt).toBeNull();
    expect(arm(later, verdict("Healthy", 1_500), time(1_500), ran).armedAt).toBe(iso(1_500));
  });
});
