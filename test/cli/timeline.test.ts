import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { linesOf, liveTimeline } from "../../cli/timeline.ts";
import type { Moment } from "../../simulator/story/played-story.ts";
import { aServerItem } from "../support/builders.ts";
import { anExecution, aStep, zero } from "../support/moments.ts";
import { pairPlan } from "../support/pair.ts";
import { aTerminal } from "../support/terminal.ts";

const [plain, colour] = [pc.createColors(false), pc.createColors(true)];

describe("a line of news", () => {
  it("a line of news begins with its time, and goes on below its text where the terminal ends", () => {
    expect(linesOf({ at: zero - 60_000, text: "fault: throttle EC2.* 0.5" }, zero, plain, 26)).toEqual([
      "T-00:01:00 fault: throttle",
      "           EC2.* 0.5",
    ]);
    expect(linesOf({ at: zero, text: "fault: throttle EC2.* 0.5" }, zero, plain, null)).toHaveLength(1);
  });

  it("a line of news has its colour where there are colours, and an empty line before a heading", () => {
    expect(linesOf({ at: zero, text: "fault: x", mood: "bad" }, zero, colour, null)).toEqual([
      "T+00:00:00 \u001b[31mfault: x\u001b[39m",
    ]);
    expect(linesOf({ at: zero, text: "Failover run-1 begins", mood: "heading" }, zero, plain, null)).toEqual([
      "",
      "Failover run-1 begins",
    ]);
  });
});

describe("the live view", () => {
  const shown = (moments: Moment[], size: { columns?: number; rows?: number } = {}, paint = plain) => {
    const terminal = aTerminal(size);
    const view = liveTimeline(terminal.stream, "the title", { plan: pairPlan(), scenario: "case" }, paint);
    for (const moment of moments) view.show(moment);
    return { ...terminal, view };
  };
  const point: Moment = { kind: "point", at: zero - 5_000, text: "every resource is there", zeroAt: zero };
  const start: Moment = { kind: "zero", at: zero };
  const facts = (length: number): Moment[] =>
    Array.from({ length }, (_, index) => ({ kind: "fault", at: zero + index, text: `news ${index}` }));

  it("prints the news once, and redraws below them the clock, the stages and the bars", () => {
    const { screen } = shown([
      point,
      start,
      aStep("Preflight", {}, { results: new Map([["Preflight", { waves: [], warnings: [] }]]) }),
      aStep("CheckProgress", { "web-2": "launched", "web-10": "wanted" }),
      aStep("Verify", { "web-2": "served", "web-10": "lost" }),
    ]);
    expect(screen().split("\n").slice(2)).toEqual([
      "T-00:00:05 copied: every resource is there",
      "",
      "The scenario begins: case",
      "T+00:01:00 ready: traffic can move",
      "T+00:01:00  check ✓  launch …  fence  reroute  verify traffic  report",
      "wave 1 of 1: web, 1 of 2 serve, 50 %",
      `  web-2          ${"█".repeat(24)} serves`,
      `  web-10         ${"░".repeat(24)} failed`,
      "",
    ]);
  });

  it("the live view says what goes on, and for how long, while time 0 is not known", () => {
    const { screen } = shown([aStep("Copy", {}, { machine: "replicate" })]);
    expect(screen()).toContain("0s of virtual time  making the first recovery points\n");
  });

  it.each([
    ["wanted", 0, "waits"],
    ["launched", 6, "launched"],
    ["running", 12, "runs"],
    ["attached", 18, "verifying"],
  ] as const)("fills the bar of a server as far as it is (%s)", (state, full, word) => {
    const { screen } = shown([point, start, aStep("Verify", { "web-1": state })]);
    expect(screen()).toContain(`  web-1          ${"█".repeat(full)}${"░".repeat(24 - full)} ${word}\n`);
  });

  it("folds a wave whose servers all serve, and shows none of one that has not begun", () => {
    const servers = (["served", "served", "wanted"] as const).map((state, at) =>
      aServerItem({ name: `web-${at}`, state, wave: at < 2 ? 0 : 1 }),
    );
    const { screen } = shown([point, start, { ...aStep("Verify"), servers } as Moment]);
    expect(screen()).toContain("wave 1 of 2: web, 2 of 2 serve, 100 %\n");
    expect(screen()).not.toMatch(/web-\d|wave 2/);
  });

  it("the live view keeps to the failover: other machines, answers and proofs move no stage", () => {
    const other = [
      aStep("Report", {}, { machine: "close" }),
      aStep("Report", {}, { input: { proof: true } }),
      aStep("Report", {}, { input: { answer: {} } }),
    ];
    expect(shown([point, start, ...other]).screen()).toContain("T+00:01:00  watching\n");
    expect(shown([point, start, aStep("Ask"), ...other]).screen()).toContain("check ✓  ask …  launch  fence");
    const ended: Moment = { kind: "run", at: zero, execution: anExecution({ status: "SUCCEEDED", startedAt: zero }) };
    expect(shown([point, start, aStep("Report"), ended]).screen()).toContain("the failover run has ended\n");
  });

  it("shows the stages of a pass that a person asked for", () => {
    const pass = {
      machine: "replicate",
      name: "replicate-by-hand",
      results: new Map([["Copy", { done: false }]]),
    } as const;
    expect(shown([point, start, aStep("Copy", {}, pass)]).screen()).toContain(
      "snapshots ✓  copies …  recovery points  report\n",
    );
  });

  it("the live view never is wider than the terminal, cuts no news, and breaks no colour in two", () => {
    const long: Moment = { kind: "fault", at: zero, text: Array.from({ length: 25 }, (_, at) => `w${at}`).join(" ") };
    for (let columns = 20; columns < 40; columns++) {
      const { screen, widest, text } = shown([point, start, long], { columns }, colour);
      expect(widest()).toBeLessThanOrEqual(columns);
      expect(screen()).toContain("w24");
      expect(screen()).not.toContain("[");
      expect(text().endsWith("\u001b[J")).toBe(true);
    }
  });

  it("redraws no more than the terminal is high, so that nothing is left of what it drew before", () => {
    const names = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`web-${at + 1}`, "launched" as const]));
    for (const rows of [5, 10, 24]) {
      const { screen, view } = shown([point, start, aStep("Verify", names), ...facts(30)], { rows });
      expect(screen().match(/launch …/g)).toHaveLength(1);
      expect(screen()).toMatch(/… and \d+ lines more\n$/);
      view.end();
      expect(screen()).toMatch(/news 29\n$/);
    }
  });

  it("the live view keeps all news in their order", () => {
    const lines = shown([point, start, ...facts(60)])
      .screen()
      .match(/news \d+/g);
    expect(lines).toEqual(Array.from({ length: 60 }, (_, index) => `news ${index}`));
  });

  it("the live view is usable where the terminal does not tell its size", () => {
    const { screen } = shown([point, start], { columns: 0, rows: 0 });
    expect(screen()).toContain("the title");
  });
});
