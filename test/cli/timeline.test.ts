import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { lineOf, liveTimeline } from "../../cli/timeline.ts";
import type { ServerState } from "../../functions/core/server.ts";
import type { Execution } from "../../simulator/executions.ts";
import type { Moment } from "../../simulator/story.ts";
import { aServerItem } from "../support/builders.ts";
import { aTerminal } from "../support/terminal.ts";

const [plain, colour] = [pc.createColors(false), pc.createColors(true)];
const zero = Date.parse("2026-01-05T00:30:00.000Z");
const decision = { at: zero, action: "hold", code: "Degraded", because: "1 of 2 witnesses is unhealthy" };

const anExecution = (over: Partial<Execution> = {}) =>
  ({ machine: "failover", name: "run-1", status: "RUNNING", results: new Map(), ...over }) as Execution;
const aStep = (state: string, servers: Record<string, ServerState> = {}, over: { machine?: "close" } = {}): Moment => ({
  kind: "step",
  at: zero + 60_000,
  execution: anExecution({ machine: over.machine ?? "failover" }),
  invocation: { ...{ execution: "arn", state, outcome: "ok" }, ...{ startedAt: zero, endedAt: zero + 60_000 } },
  servers: Object.entries(servers).map(([name, reached]) => aServerItem({ name, state: reached })),
});

describe("a line of news", () => {
  it.each<[string, Moment, number | null, string | null]>([
    ["time 0", { kind: "zero", at: zero }, zero, "T+00:00:00 time 0"],
    ["a point, before time 0 is known", { kind: "point", at: zero, text: "complete" }, null, "00:30:00 complete"],
    ["a fault", { kind: "fault", at: zero - 60_000, text: "throttle 0.5" }, zero, "T-00:01:00 fault: throttle 0.5"],
    ["a person", { kind: "person", at: zero, text: "approve pair" }, zero, "T+00:00:00 person: approve pair"],
    [
      "a decision",
      { kind: "decision", at: zero + 5_000, decision },
      zero,
      "T+00:00:05 decision: hold · Degraded · 1 of 2 witnesses is unhealthy",
    ],
    ["a run", { kind: "run", at: zero, execution: anExecution() }, zero, "T+00:00:00 failover run-1: RUNNING"],
    [
      "a pass that a person asked for",
      { kind: "run", at: zero, execution: anExecution({ machine: "replicate", name: "replicate-by-hand" }) },
      zero,
      "T+00:00:00 replicate replicate-by-hand: RUNNING",
    ],
    [
      "no pass of the schedule",
      { kind: "run", at: zero, execution: anExecution({ machine: "replicate" }) },
      zero,
      null,
    ],
    ["no step: that is for the bars", aStep("Launch"), zero, null],
  ])("tells %s", (_, moment, from, line) => {
    expect(lineOf(moment, from, plain)).toBe(line);
  });

  it("has a fault in red where there are colours", () => {
    const moment: Moment = { kind: "fault", at: zero, text: "region-down eu-west-1" };
    expect(lineOf(moment, zero, colour)).toBe("T+00:00:00 \u001b[31mfault: region-down eu-west-1\u001b[39m");
  });
});

describe("the live view", () => {
  const shown = (moments: Moment[], size: { columns?: number; rows?: number } = {}, paint = plain) => {
    const terminal = aTerminal(size);
    const view = liveTimeline(terminal.stream, "the title", paint);
    for (const moment of moments) view.hear(moment);
    return terminal;
  };
  const start: Moment = { kind: "zero", at: zero };

  it("is redrawn in place: title, clock, state, news and bars stand there once", () => {
    const { screen } = shown([
      { kind: "point", at: zero - 5_000, text: "every resource has a complete recovery point" },
      start,
      aStep("Preflight"),
      aStep("Launch", { "web-2": "launched", "web-10": "wanted" }),
      aStep("Verify", { "web-2": "served", "web-10": "lost" }),
    ]);
    expect(screen()).toBe(
      [
        "the title",
        "T+00:01:00  failover: Verify",
        "00:29:55 every resource has a complete recovery point",
        "T+00:00:00 time 0",
        `  web-2          ${"█".repeat(24)}`,
        "  web-10         failed",
        "",
      ].join("\n"),
    );
  });

  it.each([
    ["wanted", 0],
    ["launched", 6],
    ["running", 12],
    ["attached", 18],
    ["served", 24],
  ] as const)("fills the bar of a server as far as it is (%s)", (state, full) => {
    const { screen } = shown([start, aStep("Verify", { "web-1": state })]);
    expect(screen()).toContain(`  web-1          ${"█".repeat(full)}${"░".repeat(24 - full)}\n`);
  });

  it("never is wider than the terminal, nor breaks a colour in two", () => {
    const long: Moment = { kind: "fault", at: zero, text: "x".repeat(100) };
    for (let columns = 20; columns < 40; columns++) {
      const { screen, widest, text } = shown([start, long], { columns }, colour);
      expect(widest()).toBeLessThanOrEqual(columns);
      expect(screen()).toContain("…");
      expect(screen()).not.toContain("[");
      expect(text().endsWith("\u001b[J")).toBe(true);
    }
  });

  it("never is higher than the terminal, so that nothing is left of what it drew before", () => {
    const servers = Array.from({ length: 12 }, (_, index) => aStep("Launch", { [`web-${index + 1}`]: "launched" }));
    const news = Array.from({ length: 30 }, (_, index): Moment => ({ kind: "point", at: zero, text: `news ${index}` }));
    for (const rows of [5, 10, 24]) {
      const { screen } = shown([start, ...servers, ...news], { rows });
      expect(screen().split("\n").length).toBeLessThanOrEqual(rows);
      expect(screen().match(/the title/g)).toHaveLength(1);
    }
  });

  it("keeps the newest news", () => {
    const news = Array.from({ length: 30 }, (_, index): Moment => ({ kind: "point", at: zero, text: `news ${index}` }));
    const { screen } = shown([start, ...news]);
    expect(screen()).toContain("news 29");
    expect(screen()).not.toContain("news 15\n");
  });

  it("is usable where the terminal does not tell its size", () => {
    const { screen } = shown([start], { columns: 0, rows: 0 });
    expect(screen()).toContain("the title");
  });
});
