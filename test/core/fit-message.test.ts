import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitSubject, fitText } from "../../functions/core/fit-message.ts";
import { reportText } from "../../functions/core/report/markdown.ts";
import { buildReport } from "../../functions/core/report/report.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";

const kibibytes = (text: string) => Buffer.byteLength(text) / 1_024;

const reportOf = (servers: number) => {
  const ids = Array.from({ length: servers }, (_, index) => `i-${index.toString(16).padStart(17, "0")}`);
  const at = "2026-03-02T12:03:00.000Z";
  const step = (server: string, state: string) => ({
    state,
    subject: server,
    startedAt: at,
    endedAt: at,
    outcome: "Done",
    detail: { instance: server, instanceType: "m6i.large", subnet: "subnet-0123456789abcdef0", servedAt: at },
  });
  return buildReport({
    run: aRun(),
    plan: aPlan(),
    row: aRow(),
    error: null,
    points: [],
    pinned: {},
    fence: null,
    unfence: null,
    unfenceError: null,
    traffic: null,
    changes: [],
    rotation: null,
    copies: null,
    now: new Date(at),
    warnings: [],
    servers: ids.map((server) => ({ resource: "web", server, name: "web", point: "web.20260302T113000Z" })),
    ledger: ids.flatMap((server) => [
      step(server, "Launch"),
      step(server, "CheckProgress"),
      step(server, "Attach"),
      step(server, "Verify"),
    ]),
  });
};

describe("fitText", () => {
  it("fitText keeps beginning and link of a report of 600 servers, in whole lines, and says that some are missing", () => {
    const whole = `${reportText(reportOf(600))}\nReport: s3://lifeboat-reports/run-1.md\n`;
    expect(kibibytes(whole)).toBeGreaterThan(256);
    const text = fitText(whole);
    expect(kibibytes(text)).toBeLessThanOrEqual(200);
    expect(kibibytes(text)).toBeGreaterThan(198);
    expect(text).toMatch(/^# shop: failover succeeded\n/);
    expect(text).toMatch(/\nReport: s3:\/\/lifeboat-reports\/run-1\.md\n$/);
    expect(text).toMatch(/\n\(\d+ bytes and more are left out here: a message holds 204800\.\)\n/);
    const lines = new Set(whole.split("\n"));
    for (const line of text.split("\n")) if (!line.startsWith("(")) expect(lines.has(line)).toBe(true);
  });
  it("fitText leaves a text alone that fits, and never makes one that does not, whatever letters it is cut in", () => {
    const letters = fc.constantFrom("a", "ß", "船", "🛟", "\n", "a line\n");
    fc.assert(
      fc.property(letters, fc.integer({ min: 1, max: 300_000 }), fc.string(), (letter, times, end) => {
        const whole = letter.repeat(times) + end;
        const text = fitText(whole);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(204_800);
        expect(text.includes("\uFFFD")).toBe(end.includes("\uFFFD"));
        if (Buffer.byteLength(whole) <= 204_800) expect(text).toBe(whole);
        else expect(text.endsWith(end.split("\n").at(-1) ?? "")).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe("fitSubject", () => {
  it("fitSubject is 1 to 100 characters of printable ASCII that begin with no space, whatever it is made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(fitSubject(text)).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
      }),
      { numRuns: 30 },
    );
    expect(fitSubject("Lifeboat: shop: act RegionUnhealthy")).toBe("Lifeboat: shop: act RegionUnhealthy");
  });
});
