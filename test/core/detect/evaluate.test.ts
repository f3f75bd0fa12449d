import { describe, expect, it } from "vitest";
import {
  evaluate,
  handled,
  leadSeconds,
  type Observations,
  secondsToDue,
} from "../../../functions/core/detect/evaluate.ts";
import type { Evidence } from "../../../functions/core/detect/evidence.ts";
import { noControls } from "../../../functions/core/model/operator-controls.ts";
import { aPlan, aRow } from "../../support/builders.ts";

const start = Date.parse("2026-03-02T12:00:00.000Z");
const time = (seconds: number) => new Date(start + seconds * 1_000);
const iso = (seconds: number) => time(seconds).toISOString();
const dark = {
  alarms: {},
  texts: {},
  apis: { "eu-west-1": { silent: true, because: "TimeoutError" } },
  probes: { canary: { error: "ETIMEDOUT" } },
};
const well = { ...dark, apis: { "eu-west-1": { value: [] } }, probes: { canary: { status: 200, body: "" } } };

/** Looks at these seconds, one after the other; the primary is dark from `from` on. */
const looks = (seconds: number[], from: number, over: Partial<Observations> = {}) => {
  let before: Evidence | null = over.before ?? null;
  return seconds.map((second) => {
    const look = evaluate({
      plan: aPlan(),
      row: aRow(),
      controls: noControls,
      maintenance: null,
      sensors: [],
      storm: [],
      change: null,
      issue: null,
      answers: second >= from ? dark : well,
      asked: time(second),
      now: time(second),
      ...over,
      before,
    });
    before = look.evidence;
    return look;
  });
};
const armed = Array.from({ length: 11 }, (_, minute) => minute * 60);

describe("judgeLook", () => {
  it("an evaluation has a number, so that two at a time differ", () => {
    expect(looks([0, 60, 120], 0).map(({ evidence }) => evidence.revision)).toEqual([1, 2, 3]);
  });
  it("an evaluation schedules one more for when the verdict is due, once, and never in the past", () => {
    const due = iso(660 + 180);
    const seen = looks([...armed, 660, 720, 780], 660);
    expect(seen.map(({ bookAt }) => bookAt).slice(-4)).toEqual([null, iso(660 + 180 - leadSeconds), null, null]);
    expect(seen.at(-1)?.evidence.lookAt).toBe(due);
    expect(looks([0.4, 59.5], 0)[0]?.bookAt).toBe(iso(181 - leadSeconds));
  });
  it("an evaluation waits for the due moment in its last seconds, and never for one that is past or far away", () => {
    const { evidence } = looks([...armed, 660], 660).at(-1)!;
    const waits = [-9, -8, -0.5, 0, 1].map((seconds) => secondsToDue(evidence, time(660 + 180 + seconds)));
    expect(waits).toEqual([0, 8, 0.5, 0, 0]);
    expect([secondsToDue(null, time(0)), secondsToDue({ ...evidence, lookAt: null }, time(0))]).toEqual([0, 0]);
  });
  it("an evaluation schedules no other one for a decision to hold", () => {
    const moved = aRow({ active: "eu-central-1", phase: "failedOver" });
    expect(looks([0, 60], 0, { row: moved }).map(({ bookAt }) => bookAt)).toEqual([null, null]);
  });
  it("an evaluation writes a failover intent from the first quorum on, and again when the intent gets old", () => {
    const own = { application: "shop", priority: 5, primary: "eu-west-1", regional: true, at: iso(660) };
    expect(looks([...armed, 660], 660).at(-1)?.intent).toEqual(own);
    expect(looks([...armed, 660, 720], 660, { storm: [own] }).at(-1)?.intent).toBeNull();
  });
  it.each([
    ["not armed", [0], {}],
    ["paused", [...armed, 660], { controls: { ...noControls, paused: { at: iso(0), by: "ana", reason: null } } }],
    ["in maintenance", [...armed, 660], { maintenance: { cron: "x", until: iso(9_999) } }],
    [
      "in the mode approve",
      [...armed, 660],
      { plan: aPlan({ detect: { ...aPlan().detect, action: "approve" as const } }) },
    ],
  ])("an evaluation writes no failover intent while the application is %s", (_case, seconds, over) => {
    expect(looks(seconds, seconds.at(-1)!, over).at(-1)?.intent).toBeNull();
  });
  it("an evaluation lists the applications of a mass failover in the order of their priority", () => {
    const storm = [5, 4, 3, 2, 1].map((priority) => ({
      application: `other-${priority}`,
      priority,
      primary: `us-east-${priority}`,
      regional: true,
      at: iso(700),
    }));
    const last = looks([...armed, 660, 720, 780, 840], 660, { storm }).at(-1)!;
    expect(last.decision).toMatchObject({ action: "ask", code: "Storm" });
    expect(last.massFailover?.map(({ application }) => application)).toEqual([
      ...["other-1", "other-2", "other-3", "other-4", "other-5", "shop"],
    ]);
    expect(last.massFailover).toHaveLength(6);
  });
  it("an evaluation judges at its end, with the observations of its beginning", () => {
    const before = looks([...armed, 660, 720, 780], 660).at(-1)!.evidence;
    const late = looks([840], 660, { before, asked: time(840), now: time(842.5) })[0]!;
    expect(late.decision).toMatchObject({ action: "act", at: iso(842.5) });
    expect(late.evidence.votes.canary?.checkedAt).toBe(iso(840));
  });
});

it("an incident is marked as handled, and no other one", () => {
  const { evidence } = looks([...armed, 660, 720, 780, 840], 660).at(-1)!;
  const { id } = evidence.incident!;
  const after = handled(evidence, id, iso(840), "ask");
  expect(after).toMatchObject({
    incident: { id, answeredAt: iso(840), answer: "ask" },
    revision: evidence.revision! + 1,
  });
  expect(handled(evidence, "another", iso(840), "ask")).toBeNull();
  expect(handled(looks([0], 99)[0]!.evidence, id, iso(0), "ask")).toBeNull();
});
