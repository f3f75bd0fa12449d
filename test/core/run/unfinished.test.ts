import { describe, expect, it } from "vitest";
import { noControls } from "../../../functions/core/model/operator-controls.ts";
import type { Traffic } from "../../../functions/core/model/plan.ts";
import type { Row } from "../../../functions/core/model/row.ts";
import {
  judgeUnfinished,
  resumeRunName,
  unfinishedBy,
  unfinishedSentence,
} from "../../../functions/core/run/unfinished.ts";
import { aPlan, aRow } from "../../support/builders.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const takeover = aPlan().traffic as Traffic;
const records: Traffic = { ...takeover, switch: "records" };
const elsewhere = { code: "Elsewhere" as const, because: "192.0.2.10 answers" };
const rowOf = (tries: number | null, secondsAgo = 0): Row => ({
  ...aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 }),
  lastRun: {
    id: "i",
    name: "run-2",
    outcome: "failed",
    endedAt: new Date(now.getTime() - secondsAgo * 1_000).toISOString(),
    ...(tries !== null && { unfinished: { of: "run-1", tries } }),
  },
});
const judge = (
  row: Row,
  over: {
    traffic?: Traffic;
    place?: typeof elsewhere | { code: "Here" | "Unknown"; because: string };
    controls?: typeof noControls;
  } = {},
) => {
  const { traffic = records, place = elsewhere, controls = noControls } = over;
  const decision = judgeUnfinished(traffic, row, place, controls, now);
  return decision && `${decision.action} ${decision.code}`;
};

describe("judgeUnfinished", () => {
  it("judgeUnfinished has nothing to do when the last run finished, or another one is on", () => {
    expect(judge(rowOf(null))).toBeNull();
    const run = {
      id: "i",
      name: "n",
      machine: "failover",
      acquiredAt: "",
      phaseBefore: "failedOver" as const,
      points: {},
    };
    expect(judge({ ...rowOf(0), run })).toBeNull();
  });
  it("judgeUnfinished goes on at once, then after pauses that grow, and at last leaves it to people", () => {
    expect(judge(rowOf(0))).toBe("act MoveUnfinished");
    expect([judge(rowOf(1, 59)), judge(rowOf(1, 60))]).toEqual([null, "act MoveUnfinished"]);
    expect([judge(rowOf(5, 899)), judge(rowOf(5, 900))]).toEqual([null, "act MoveUnfinished"]);
    expect([judge(rowOf(11, 3_600)), judge(rowOf(12, 86_400))]).toEqual(["act MoveUnfinished", "hold MoveGivenUp"]);
  });
  it("judgeUnfinished goes on as well when nobody can tell where traffic is, and finds it finished when it is there", () => {
    expect(judge(rowOf(0), { place: { code: "Unknown", because: "" } })).toBe("act MoveUnfinished");
    expect(judge(rowOf(12), { place: { code: "Here", because: "" } })).toBe("none MoveFinished");
  });
  it("judgeUnfinished leaves a takeover to the heartbeat, and everything to people while they paused it", () => {
    expect(judge(rowOf(0), { traffic: takeover })).toBeNull();
    expect(judge(rowOf(0), { traffic: takeover, place: { code: "Here", because: "" } })).toBe("none MoveFinished");
    const paused = { by: "ann", at: now.toISOString(), reason: null };
    expect(judge(rowOf(0), { controls: { ...noControls, paused } })).toBe("hold Paused");
  });
});

describe("a move that was refused", () => {
  const ended = (name: string) => ({ name: "run-2", error: { name, message: "no", hint: "" } });
  const before = { of: "run-1", tries: 3 };

  it.each([
    ["AccessDenied", { of: "run-1", tries: 4, because: "AccessDenied: no", refused: true }],
    ["RefusedError", { of: "run-1", tries: 4, because: "RefusedError: no", refused: true }],
    ["WornOutError", { of: "run-1", tries: 4, because: "WornOutError: no" }],
    ["DeadlineExceededError", { of: "run-1", tries: 4, because: "DeadlineExceededError: no" }],
  ])("a refused move differs from one that met a transient fault: %s", (name, expected) => {
    expect(unfinishedBy(ended(name), before)).toEqual(expected);
  });

  it("a refusal is the run's own when it continued no move, and has no reason when the run died without a word", () => {
    expect(unfinishedBy({ name: "run-1", error: null }, null)).toEqual({ of: "run-1", tries: 0 });
  });

  it("a refused move is tried again at once, then each hour, because somebody may fix the cause and start nothing", () => {
    const refused = (tries: number, secondsAgo: number) => {
      const row = rowOf(tries, secondsAgo);
      return judge({ ...row, lastRun: { ...row.lastRun!, unfinished: { of: "run-1", tries, refused: true } } });
    };
    expect(refused(0, 0)).toBe("act MoveUnfinished");
    expect([refused(1, 3_599), refused(1, 3_600), refused(12, 86_400)]).toEqual([
      null,
      "act MoveUnfinished",
      "hold MoveGivenUp",
    ]);
  });

  it("the message of a refused move says what ended the last run, and what to do", () => {
    const refused = { of: "run-1", tries: 2, because: "AccessDenied: no.", refused: true as const };
    expect(unfinishedSentence(refused, "shop")).toBe(
      'The move of run-1 is not finished, though 2 runs tried to continue it; the last one ended on AccessDenied: no. Fix that, then start the failover machine with { "application": "shop" }. Lifeboat also tries again by itself.',
    );
    expect(unfinishedSentence({ of: "run-1", tries: 12 }, "shop", "lifeboat failover shop.yml")).toBe(
      "The move of run-1 is not finished, though 12 runs tried to continue it. To continue it now, lifeboat failover shop.yml. Lifeboat does not try again by itself.",
    );
  });
});

it("each try has its own run name, which is no longer than Step Functions accepts", () => {
  expect(resumeRunName("failover-shop-20260302T1157Z", 0)).toBe("resume-failover-shop-20260302T1157Z-1");
  const names = [0, 1].map((tries) => resumeRunName("x".repeat(80), tries));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toHaveLength(80);
});
