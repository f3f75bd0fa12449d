import { describe, expect, it } from "vitest";
import { nothingYet } from "../../../functions/core/points/rotation-tally.ts";
import type { Facts, LedgerStep } from "../../../functions/core/report/facts.ts";
import { reportText } from "../../../functions/core/report/markdown.ts";
import { buildReport } from "../../../functions/core/report/report.ts";
import { aPlan, aPoint, aRow, aRun } from "../../support/builders.ts";

const entry = (state: string, over: Partial<LedgerStep> = {}): LedgerStep => ({
  state,
  subject: "",
  outcome: "Done",
  detail: {},
  startedAt: "2026-03-02T12:00:00.000Z",
  endedAt: "2026-03-02T12:00:30.000Z",
  ...over,
});
const facts = (machine: "replicate" | "rotate", over: Partial<Facts> = {}): Facts => ({
  run: aRun({ machine }),
  plan: aPlan(),
  row: aRow(),
  error: null,
  ledger: [],
  points: [aPoint()],
  pinned: {},
  servers: [],
  warnings: [],
  fence: null,
  traffic: null,
  unfence: null,
  unfenceError: null,
  changes: [],
  rotation: null,
  copies: null,
  now: new Date("2026-03-02T12:10:00.000Z"),
  ...over,
});
const rotation = {
  ...nothingYet,
  complete: 12,
  kept: 10,
  rotated: 2,
  copies: 7,
  sources: 8,
  images: 1,
  lineage: 1,
  points: [
    { id: "web.1", pointAt: "2026-03-01T00:00:05.000Z", because: "no longer kept by hourly 2", copies: 4, sources: 4 },
    { id: "web.2", pointAt: null, because: "it was given up", copies: 3, sources: null },
  ],
  refused: { count: 2, first: ["snap-1: InvalidSnapshot.InUse: in use by ami-9"] },
  waiting: [{ point: "web.3", because: "its copies are locked until about 2026-03-09T00:00:00.000Z" }],
  strays: ["snap-9"],
};

describe("the report of a rotation", () => {
  const report = buildReport(
    facts("rotate", {
      rotation,
      ledger: [entry("Rotate", { outcome: "Partial", detail: { failed: ["2 not deleted"] } })],
    }),
  );
  it("the report of a rotation is partial when something could not be deleted, and tells the age of the newest point", () => {
    expect(report).toMatchObject({ outcome: "partial", rpoSeconds: 2_395, rtoSeconds: null, rotation });
  });
  it("tells the deletion plan, what stays for now, and what belongs to no point", () => {
    const text = reportText(report);
    expect(text).toContain(
      "10 of 12 complete points stay, 2 go; 7 copies, 8 source snapshots and 1 images deleted; 1 copies stay as the newest of their volumes; 2 not deleted: snap-1: InvalidSnapshot.InUse: in use by ami-9; and 1 more",
    );
    expect(text).toContain("| web.1 | 2026-03-01T00:00:05.000Z | no longer kept by hourly 2 | 4 | 4 |");
    expect(text).toContain("| web.2 | unknown | it was given up | 3 | no answer |");
    expect(text).toContain("## Kept for now\n\n- web.3: its copies are locked until about 2026-03-09T00:00:00.000Z");
    expect(text).toContain("## Without a known point\n\n- snap-9");
  });
  it("the report of a rotation names some of many points, and how many more there are", () => {
    const many = buildReport(facts("rotate", { rotation: { ...rotation, rotated: 400, finished: 2 } }));
    expect(many.outcome).toBe("succeeded");
    expect(reportText(many)).toContain("and 400 more");
  });
});

describe("the report of a replication pass", () => {
  it("tells how many volumes were copied, failed and left, and is partial when its copies are", () => {
    const copies = { copied: 980, failed: 3, left: 17 };
    const report = buildReport(facts("replicate", { copies, ledger: [entry("Copy", { outcome: "Partial" })] }));
    expect(report).toMatchObject({ outcome: "partial", copies });
    expect(reportText(report)).toContain("## Copies\n\n980 copied, 3 failed, 17 left for the next pass");
  });
  it("the report of a replication pass has succeeded when every step did, and has nothing to say of a rotation", () => {
    const report = buildReport(facts("replicate", { ledger: [entry("Copy", { outcome: "Copied" })] }));
    expect(report.outcome).toBe("succeeded");
    expect(reportText(report)).not.toMatch(/## (Copies|Rotation|Went)/);
  });
});
