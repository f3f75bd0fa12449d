import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { program } from "../../cli/program.ts";
import { type RehearseOptions, rehearse, unhurried } from "../../cli/rehearse.ts";
import { PlanInvalidError } from "../../functions/core/errors.ts";
import { createOutput } from "../../terminal/output.ts";
import { dark, pairPlan } from "../support/pair.ts";
import { aTerminal } from "../support/terminal.ts";

const plan = "test/simulation/two-servers.yml";

beforeEach(() => {
  vi.stubEnv("NO_COLOR", undefined);
  vi.stubEnv("TERM", "xterm-256color");
  onTestFinished(() => void vi.unstubAllEnvs());
});

/** A scenario file (JSON is YAML). */
const aScenario = (scenario: object) => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-rehearse-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "case.yml");
  writeFileSync(file, JSON.stringify({ name: "case", ...scenario }));
  return file;
};

const played = async (
  options: Partial<RehearseOptions> = {},
  terminal = aTerminal({ isTTY: false }),
  pacing?: typeof unhurried,
) => {
  const usual = {
    scenario: "primary-region-down",
    seed: 1,
    run: null,
    approveAfterSeconds: null,
    report: false,
    json: false,
    fast: false,
  };
  const code = await rehearse(pairPlan(), { ...usual, ...options }, terminal.stream, pacing);
  return { code, ...terminal };
};

describe("the exit code", () => {
  const paused = { at: "-1m", do: "pause" };
  const broken = { fault: "api-error", operation: "RunInstances", error: "InvalidParameterValue" };

  it.each<[string, Partial<RehearseOptions>, object, string, number]>([
    ["a failover that succeeded", {}, { faults: [dark] }, "succeeded", 0],
    ["nothing to do", {}, { faults: [] }, "none", 0],
    ["a decision that is a person's", {}, { faults: [dark], detect: "off" }, "held", 0],
    ["a run that was refused", { run: "failover" }, { faults: [dark], world: { vcpus: 1 } }, "refused", 1],
    ["a run that failed", { run: "failover" }, { faults: [dark, broken] }, "failed", 1],
    ["objectives that were met", { requireObjectives: true }, { faults: [dark] }, "succeeded", 0],
    [
      "users who are not served again",
      { requireObjectives: true },
      { faults: [dark], operations: [paused] },
      "held",
      1,
    ],
    ["users whom nobody is to move", { requireObjectives: true }, { faults: [dark], detect: "off" }, "held", 0],
  ])("the exit code of %s", async (_, options, scenario, outcome, code) => {
    const told = await played({ ...options, scenario: aScenario(scenario), json: true });
    const printed = JSON.parse(told.text());
    expect(printed.outcome).toBe(outcome);
    if (options.requireObjectives) expect(printed.missed).toHaveLength(code);
    expect(told.code).toBe(code);
  });
});

describe("a plan that asks", () => {
  const asking = { ...pairPlan(), detect: { ...pairPlan().detect, action: "approve" as const } };
  const played = async (options: Partial<RehearseOptions>) => {
    const terminal = aTerminal({ isTTY: false });
    const usual = { scenario: "primary-region-down", seed: 1, run: null, report: false, json: false, fast: false };
    await rehearse(asking, { ...usual, approveAfterSeconds: 300, ...options }, terminal.stream);
    return terminal.text();
  };

  it("a plan that asks is approved by a person after the time that is given, which is no fault", async () => {
    const text = await played({});
    expect(text).toMatch(/^T\+00:\d\d:\d\d person: approve pair$/m);
    expect(text).not.toContain("fault: approve");
    expect(text).toMatch(/^Outcome {6}succeeded$/m);
  });

  it("a plan that asks is answered by nobody where nobody is to, and the outcome says that this is the scenario's doing", async () => {
    const text = await played({ approveAfterSeconds: null });
    expect(text).toMatch(/^Outcome {6}refused: nobody answered the approval request \(as in this scenario\)$/m);
  });

  it("a plan that asks is answered by the scenario where that has an answer", async () => {
    const operations = [{ at: "6m", do: "withhold", input: { by: "ann" } }];
    const text = await played({ scenario: aScenario({ faults: [dark], operations }) });
    expect(text).toContain("person: withhold pair");
    expect(text).not.toContain("person: approve pair");
    expect(text).toMatch(/^Outcome {6}refused$/m);
  });
});

describe("a pass that makes no recovery point", () => {
  it("fails the rehearsal and says so, although its machine succeeds", async () => {
    const { code, text } = await played({
      run: "replicate",
      scenario: aScenario({ faults: [{ ...dark, at: "-45m" }] }),
    });
    expect(text()).toContain("snapshots: 0 servers for no point; server: eu-west-1 did not respond");
    expect(text()).toMatch(/^Outcome {6}no recovery point was made: server: eu-west-1 did not respond$/m);
    expect(text()).toMatch(/^error: the run made no recovery point: server: eu-west-1 did not respond\nnext: /m);
    expect(code).toBe(1);
  });

  it("fails the rehearsal too when every copy ends in error", async () => {
    const { code, text } = await played({
      run: "replicate",
      scenario: aScenario({ faults: [{ at: "-45m", fault: "copy-error", rate: 1 }] }),
    });
    expect(text()).toMatch(/^error: the run made no recovery point: no copy of its snapshots was completed$/m);
    expect(code).toBe(1);
  });
});

describe("the report of a run", () => {
  it("the report of a run is printed where it is asked for", async () => {
    const { text } = await played({ scenario: "quiet", run: "replicate", report: true });
    expect(text()).toMatch(/^# pair: replicate succeeded$/m);
    expect((await played({ scenario: "quiet", run: "replicate" })).text()).not.toMatch(/^# pair/m);
  });
});

describe("without a terminal", () => {
  it("prints lines, with no colours and no movement, whatever the environment asks for", async () => {
    vi.stubEnv("FORCE_COLOR", "1");
    vi.stubEnv("CI", "true");
    const { code, codes, text } = await played();
    expect(code).toBe(0);
    expect(codes()).toEqual([]);
    expect(text()).not.toContain("\u001b");
    expect(text()).not.toContain("\r");
    expect(text().split("\n")[0]).toBe("Lifeboat rehearsal (simulated) · pair · primary-region-down · seed 1");
    expect(text().split("\n")[1]).toBe("Virtual time: every clock counts from T, the start of the scenario.");
    expect(text()).toMatch(/^T\+00:00:00 fault: region-down eu-west-1$/m);
    expect(text()).toMatch(/^T\+00:\d\d:\d\d decision: act · RegionUnhealthy · /m);
    expect(text()).toMatch(/^What failed {2}region-down eu-west-1 at T\+0s$/m);
    expect(text().endsWith("Outcome      succeeded\n")).toBe(true);
  });

  it("tells when a fault begins and how long it lasts", async () => {
    const throttle = { at: "-10m", for: "2h", fault: "throttle", operation: "EC2.*", rate: 0.1 };
    const { text } = await played({ run: "replicate", scenario: aScenario({ faults: [throttle] }) });
    expect(text()).toMatch(/^What failed {2}throttle EC2\.\* 0\.1 at T-10m for 2h$/m);
  });

  it("a rehearsal without a terminal is never slowed down", async () => {
    const pacing = vi.fn(unhurried);
    await played({}, aTerminal({ isTTY: false }), pacing);
    expect(pacing).not.toHaveBeenCalled();
  });
});

describe("on a terminal", () => {
  /** Asks for a millisecond once in a hundred jumps. */
  const short = () => {
    const seen: { zero: number | null; now: number }[] = [];
    const pacing: typeof unhurried = (zeroAt) => (now) => (seen.push({ zero: zeroAt(), now }) % 100 === 0 ? 1 : 0);
    return { pacing, seen };
  };

  it("on a terminal the live view is redrawn in place, in colour, and leaves the news and the summary", async () => {
    const { pacing } = short();
    const { codes, screen, text } = await played({}, aTerminal({ columns: 90, rows: 30 }), pacing);
    expect(codes().filter((code) => code === "A").length).toBeGreaterThan(20);
    expect(text()).toContain("\u001b[32msucceeded\u001b[39m");
    expect(screen().match(/Lifeboat rehearsal/g)).toHaveLength(1);
    expect(text()).toContain(`server-1       ${"█".repeat(18)}${"░".repeat(6)} verifying`);
    expect(screen()).not.toContain("█");
    expect(screen()).toMatch(/: succeeded, after .*\n(T\+.*\n)*\nScenario {5}primary-region-down/);
  });

  it("on a terminal a rehearsal goes at the pace that it is given: asked at each jump, and told of time 0", async () => {
    const { pacing, seen } = short();
    await played({}, aTerminal(), pacing);
    expect(seen.length).toBeGreaterThan(500);
    expect(seen[0]!.zero).toBeNull();
    expect(seen.at(-1)!.zero).toBeGreaterThan(seen[0]!.now);
    expect(seen.map(({ now }) => now)).toEqual(seen.map(({ now }) => now).toSorted((a, b) => a - b));
  });

  it.each([
    ["--fast", { fast: true }],
    ["--json", { json: true }],
  ])("on a terminal a rehearsal has no pace with %s", async (_, options) => {
    const pacing = vi.fn(unhurried);
    const { codes } = await played(options, aTerminal(), pacing);
    expect(pacing).not.toHaveBeenCalled();
    expect(codes().length > 0).toBe(!("json" in options));
  });

  it("prints lines alone where nothing can be moved, and no colour where none is wanted", async () => {
    vi.stubEnv("TERM", "dumb");
    expect((await played({ run: "failover" }, aTerminal())).codes()).toEqual([]);
    vi.stubEnv("TERM", "xterm");
    vi.stubEnv("NO_COLOR", "1");
    const { codes } = await played({ run: "failover", fast: true }, aTerminal());
    expect(new Set(codes())).toEqual(new Set(["A", "K", "J"]));
  });
});

describe("the command line", () => {
  const run = async (...args: string[]) => {
    const [out, error]: [string[], string[]] = [[], []];
    const stream = (lines: string[]) => ({ isTTY: false, write: (text: string) => lines.push(text) > 0 }) as never;
    const code = await program(["rehearse", ...args], createOutput(stream(out), stream(error)));
    return { code, out: out.join(""), error: error.join("") };
  };

  it.each([
    [[plan, "--seed", "x"], "--seed: expected a whole number from 0 to 999999999 (got x)", "give another seed"],
    [[plan, "--seed", "1.5"], "--seed: expected a whole number from 0 to 999999999 (got 1.5)", "give another seed"],
    [[plan, "--seed", "-1"], "--seed: expected a whole number from 0 to 999999999 (got -1)", "give another seed"],
    [[plan, "--seed", "1e3"], "--seed: expected a whole number from 0 to 999999999 (got 1e3)", "give another seed"],
    [
      [plan, "--run", "drill"],
      "--run: expected failover, replicate, rotate (got drill)",
      "other machines are not supported yet",
    ],
    [
      [plan, "--scenario", "meteor"],
      "scenario meteor: expected a shipped name or a file (got neither)",
      expect.stringContaining("primary-region-down, quiet"),
    ],
    [
      [plan, "--approve-after", "soon"],
      "--approve-after: expected a duration such as 5m, or never (got soon)",
      "give another time",
    ],
    [[plan, "--slow"], "unknown option '--slow'", expect.stringContaining("--help")],
    [[plan, "--seed"], "option '--seed <n>' argument missing", expect.stringContaining("--help")],
    [[], "missing required argument 'plan'", expect.stringContaining("--help")],
  ])("answers %j with one line what and one line what next, exit 2", async (args, what, next) => {
    const { code, out, error } = await run(...args);
    expect({ code, out: out.replace("simulating ...\n", "") }).toEqual({ code: 2, out: "" });
    expect(error.split("\n")).toEqual([`error: ${what}`, expect.stringContaining("next: "), ""]);
    expect(error.split("\n")[1]!.slice("next: ".length)).toEqual(next);
  });

  it.each(["no-such-plan.yml", "package.json", "examples"])("exits 2 for a plan that is none (%s)", async (file) => {
    const { code, error } = await run(file);
    expect(code).toBe(2);
    expect(error).toMatch(/^error: .*\n(.*\n)*next: .+\n$/);
    expect(error).not.toMatch(/^ {4}at /m);
  });

  it("tells of bad usage as an object with --json", async () => {
    const { code, out } = await run(plan, "--json", "--seed", "x");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: { name: "UsageError", message: expect.stringContaining("--seed"), hint: "give another seed" },
    });
  });

  it("tells everything that is wrong with a scenario file, exit 2", async () => {
    const { code, error } = await run(plan, "--scenario", aScenario({ faults: [{ fault: "meteor" }], until: "soon" }));
    expect(code).toBe(2);
    expect(error.match(/case\.yml:\d+:\d+ /g)).toHaveLength(2);
    const rejected = rehearse(
      pairPlan(),
      { scenario: "x", seed: 1, run: null, approveAfterSeconds: null, report: false, json: false, fast: false },
      aTerminal().stream,
    );
    await expect(rejected).rejects.toThrow(PlanInvalidError);
  });

  it("the command line gives the exit code of the rehearsal, and prints it to standard output", async () => {
    const written: string[] = [];
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
    const { code, out, error } = await run(plan, "--run", "replicate", "--json", "--seed", "3");
    spy.mockRestore();
    expect({ code, out, error }).toEqual({ code: 0, out: "", error: "" });
    expect(JSON.parse(written.join(""))).toMatchObject({ seed: 3, scenario: "quiet" });
  });
});
