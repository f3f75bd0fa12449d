import { describe, expect, it } from "vitest";
import {
  type Holder,
  holdersOf,
  isWorthSending,
  judgeHolders,
  type UnreportedRun,
} from "../../../functions/core/run/abandoned-run.ts";
import { aRow, aRun } from "../../support/builders.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const holder = (lease: "run" | "protect", stoppedSecondsAgo: number | null): Holder => ({
  id: `arn:${lease}`,
  name: lease,
  machine: lease === "run" ? "failover" : "replicate",
  acquiredAt: "2026-03-02T11:00:00.000Z",
  lease,
  ending:
    stoppedSecondsAgo === null
      ? null
      : { status: "ABORTED", stoppedAt: new Date(now.getTime() - stoppedSecondsAgo * 1_000), error: null, cause: null },
});

describe("judgeHolders", () => {
  it.each([
    ["nobody holds a lease", [], "idle", 1, undefined],
    ["the run is still on", [holder("run", null)], "idle", 1, undefined],
    ["the run has just ended", [holder("run", 0)], "ending", 91, undefined],
    ["the run ended 90 s ago", [holder("run", 90)], "ending", 1, undefined],
    ["the run ended 91 s ago", [holder("run", 91)], "ended", 1, "run"],
    ["run and pass are dead", [holder("run", 200), holder("protect", 200)], "ended", 1, "run"],
    ["the run is ending, the pass has ended", [holder("run", 10), holder("protect", 200)], "ended", 1, "protect"],
    [
      "the run is on, the pre-empted pass has ended",
      [holder("run", null), holder("protect", 500)],
      "ended",
      1,
      "protect",
    ],
  ] as const)("%s", (_case, holders, finding, waitSeconds, closing) => {
    const found = judgeHolders([...holders], now);
    expect(found).toMatchObject({ finding, waitSeconds });
    expect(found.closing?.name).toBe(closing);
  });
  it("judgeHolders says how the execution ended", () => {
    expect(judgeHolders([holder("run", 100)], now).closing).toEqual({
      id: "arn:run",
      name: "run",
      machine: "failover",
      acquiredAt: "2026-03-02T11:00:00.000Z",
      lease: "run",
      status: "ABORTED",
      endedAt: "2026-03-02T11:58:20.000Z",
      error: null,
      cause: null,
    });
  });
});

describe("holdersOf", () => {
  const lease = { id: "arn:run", name: "run", machine: "failover", acquiredAt: "2026-03-02T11:00:00.000Z" };
  const untold = (name: string, triedAt: string): UnreportedRun => ({
    ...lease,
    id: `arn:${name}`,
    name,
    since: triedAt,
    triedAt,
    run: aRun({ name }),
  });
  it("holdersOf names who holds a lease, then the untold, the one first that was tried longest ago", () => {
    const row = aRow({ rotate: { ...lease, id: "arn:rotate", name: "rotate", machine: "rotate" } });
    const found = holdersOf(row, [untold("b", "2026-03-02T11:50:00.000Z"), untold("a", "2026-03-02T11:40:00.000Z")]);
    expect(found.map(({ name, lease }) => [name, lease])).toEqual([
      ["rotate", "rotate"],
      ["a", "none"],
      ["b", "none"],
    ]);
    expect(found[1]?.run?.name).toBe("a");
  });
  it("holdersOf names an untold run once that still holds its lease", () => {
    const row = aRow({ run: { ...lease, phaseBefore: "protected", points: {} } });
    expect(holdersOf(row, [untold("run", "2026-03-02T11:50:00.000Z")])).toEqual([{ ...lease, lease: "run" }]);
  });
});

it("goes on telling for a day", () => {
  expect(isWorthSending("2026-03-01T12:00:01.000Z", now)).toBe(true);
  expect(isWorthSending("2026-03-01T12:00:00.000Z", now)).toBe(false);
});
