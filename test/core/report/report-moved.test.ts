import { describe, expect, it } from "vitest";
import type { Facts } from "../../../functions/core/report/facts.ts";
import { reportText } from "../../../functions/core/report/markdown.ts";
import { buildReport } from "../../../functions/core/report/report.ts";
import { aPlan, aRow, aRun } from "../../support/builders.ts";

/** Of a run that began at 12:00, with users served at 12:08. */
const facts = (over: Partial<Facts> = {}): Facts => ({
  run: aRun(),
  plan: aPlan(),
  row: aRow({ active: "eu-central-1" }),
  error: null,
  ledger: [],
  points: [],
  pinned: {},
  servers: [],
  warnings: [],
  fence: null,
  unfence: null,
  unfenceError: null,
  changes: [],
  traffic: { servedAt: "2026-03-02T12:08:00.000Z", answers: [] },
  rotation: null,
  copies: null,
  now: new Date("2026-03-02T12:09:00.000Z"),
  ...over,
});

describe("the report of a run that failed behind the move of its row", () => {
  const error = { name: "TransientError", message: "PutMetricData was throttled", hint: "" };
  const traffic = { servedAt: null, answers: [] };
  const pair = aPlan().traffic!;

  it("the report of a run that failed behind the move of its row says that traffic belongs to the target, and what is missing", () => {
    const report = buildReport(facts({ error, traffic }));
    expect(report).toMatchObject({ outcome: "failed", rtoSeconds: null });
    const moved = "shop is now active in eu-central-1, although the run failed.";
    const missing = "Traffic was not yet seen there";
    expect(report.moved).toBe(`${moved} ${missing}; the heartbeat publishes the switch each minute.`);
    expect(reportText(report)).toContain(`## Moved despite the failure\n\n${moved}`);
    const byRecords = aPlan({ traffic: { ...pair, switch: "records" } });
    expect(buildReport(facts({ error, traffic, plan: byRecords })).moved).toContain(
      "Lifeboat starts another run to continue",
    );
  });
  it("the report of a run that failed behind the move of its row gives the RTO once users are known to be served there", () => {
    const report = buildReport(facts({ error }));
    expect(report).toMatchObject({ outcome: "failed", rtoSeconds: 480 });
    expect(report.moved).toContain("Users are served there since 2026-03-02T12:08:00.000Z.");
  });
  it("the report of a run that failed behind the move of its row says nothing of it where nothing moved, or all went well", () => {
    expect(buildReport(facts({ error, row: aRow() })).moved).toBeNull();
    expect(buildReport(facts()).moved).toBeNull();
  });
});
