import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlanInvalidError } from "../../functions/core/errors.ts";
import { problemText, readPlan, readPlanOrThrow } from "../../terminal/plan-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lifeboat-plan-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const problemsOf = (content: string | Uint8Array, name = "plan.yml") => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return readPlan(file).problems.map((problem) => problemText(problem).replace(`${folder}/`, ""));
};

describe("readPlan", () => {
  it.each(["minimal", "web-shop", "warm-standby"])("reads examples/%s.yml", (name) => {
    const { plan, problems, warnings, notes } = readPlan(`examples/${name}.yml`);
    expect({ problems, warnings, notes }).toEqual({ problems: [], warnings: [], notes: [] });
    expect(plan).toMatchSnapshot();
  });

  it("lists twelve mistakes of a plan, each at its place", () => {
    const { plan, problems } = readPlan("test/cli/twelve-mistakes.yml");
    expect(plan).toBeNull();
    expect(problems).toHaveLength(12);
    expect(problems.map(problemText)).toMatchInlineSnapshot(`
      [
        "test/cli/twelve-mistakes.yml:1:10 version: expected 1 (got 2)",
        "test/cli/twelve-mistakes.yml:2:1 aplication: expected one of the keys version, application, priority, tags, timeZone, regions, objectives, detect, protect, recover, traffic, notify (got the unknown key "aplication"; did you mean application?)",
        "test/cli/twelve-mistakes.yml:3:42 regions.recovery: expected the name of a Region such as eu-west-1 (got "eu-wset-1")",
        "test/cli/twelve-mistakes.yml:4:20 objectives.rpo: expected a duration such as 30s, 15m, 1h or 7d (got 60)",
        "test/cli/twelve-mistakes.yml:6:11 detect.action: expected one of notify, approve, automatic (got "automatik")",
        "test/cli/twelve-mistakes.yml:8:23 detect.witnesses[0].probe.connect: expected an address of the primary side, since shop.example.com is switched by traffic (got nothing)",
        "test/cli/twelve-mistakes.yml:10:25 detect.verdict.unhealthy: expected at most 2: the witnesses that can say unhealthy while eu-west-1 does not answer are canary, region (got 3)",
        "test/cli/twelve-mistakes.yml:15:12 protect[0].every: expected rate(30 minutes): EventBridge takes the singular for 1 only (got "rate(30 minute)")",
        "test/cli/twelve-mistakes.yml:16:11 protect[0].keep: expected at least one class above 0: hourly, daily, weekly, monthly or yearly (got 0 in all)",
        "test/cli/twelve-mistakes.yml:20:7 protect[0].launch.colour: expected one of the keys subnets, drillSubnets, securityGroups, instanceTypes, instanceProfile, address, elasticIps, targetGroups, userData, tags, metadata, capacityReservation, initializationRate, minimum, overrides (got the unknown key "colour")",
        "test/cli/twelve-mistakes.yml:23:19 recover.waves[1][0]: expected the name of a resource: web (got app)",
        "test/cli/twelve-mistakes.yml:28:69 traffic.records[0].primary: expected an IPv4 address such as 192.0.2.10 (got "192.0.2.300")",
      ]
    `);
  });

  it.each([
    ["an empty file", "", "1:1: expected a plan (got an empty file)"],
    ["a file of comments", "# nothing yet\n", "1:1: expected a plan (got an empty file)"],
    ["a tab", "version: 1\nregions:\n\tprimary: eu-west-1\n", "3:1: expected spaces for indentation (got a tab)"],
    ["several documents", "version: 1\n---\nversion: 1\n", "2:1: expected one YAML document (got more than one)"],
    ["a tag", "version: 1\nregions: !Ref x\n", "2:10: expected plain YAML (got a tag (!...))"],
    ["binary in YAML", "version: !!binary aGk=\n", "1:10: expected plain YAML (got a tag (!...))"],
    ["YAML that ends too early", 'a: "x\n', '2:1: expected well-formed YAML (got Missing closing "quote)'],
    [
      "YAML that is nested too deeply",
      "[".repeat(5_000),
      "1:775: expected a plan (got YAML that is nested too deeply)",
    ],
    ["binary data", new Uint8Array([0xff, 0xfe, 0, 1]), ": expected a text file in UTF-8 (got binary data)"],
    ["a zero byte", "version: 1\0", ": expected a text file (got binary data)"],
    [
      "a file of 5 MB",
      "# x\n".repeat(1_250_000),
      ": expected a plan of at most 1 MiB (1,048,576 bytes) (got 5,000,000 bytes)",
    ],
    [
      "a list",
      "- a\n",
      "1:1: expected a map with the keys version, application, priority, tags, timeZone, regions, objectives, detect, protect, recover, traffic, notify (got a list of 1 entry)",
    ],
  ])("says one thing of %s", (_name, content, problem) => {
    const [first, ...rest] = problemsOf(content);
    expect(first?.replace(/1:\d{3,}:/, "1:775:")).toBe(`plan.yml${problem.startsWith(":") ? "" : ":"}${problem}`);
    expect(rest).toEqual([]);
  });

  it("says one thing of a YAML bomb", () => {
    const line = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(of).join(", ")}]\n`;
    const letters = [..."abcdefghi"];
    const bomb = letters.map((letter, at) => line(letter, at ? `*${letters[at - 1]}` : "x")).join("");
    expect(problemsOf(bomb)).toEqual(["plan.yml:1:1: expected at most 100 uses of YAML aliases (got more)"]);
  });

  it.each([
    ["plan.txt", "a file that ends in .yml, .yaml or .json (got .txt)"],
    ["plan", "a file that ends in .yml, .yaml or .json (got no ending)"],
  ])("takes no %s", (name, expected) => {
    expect(problemsOf("version: 1\n", name)).toEqual([`${name}: expected ${expected}`]);
  });

  it("takes no folder, no device, no missing file", () => {
    mkdirSync(join(folder, "folder.yml"));
    const files = [join(folder, "folder.yml"), "/dev/zero", join(folder, "missing.yml")];
    const got = files.map((file) => readPlan(file).problems[0]?.got);
    expect(got).toEqual(["a directory", "not a regular file", "no such file"]);
  });

  it("tells of a key that stands twice, and of all the rest", () => {
    const problems = problemsOf("version: 1\nversion: 1\napplication: x!\n");
    expect(problems).toContain("plan.yml:2:1: expected each key once (got version again)");
    expect(problems.some((line) => line.startsWith("plan.yml:3:14 application: expected a name"))).toBe(true);
  });

  it("shows a missing key at its parent, and an entry of a list at its start", () => {
    const problems = problemsOf("regions:\n  primary: eu-west-1\nprotect:\n  - name: web\n");
    expect(problems.some((line) => line.startsWith("plan.yml:1:1 regions.recovery: "))).toBe(true);
    expect(problems.some((line) => line.startsWith("plan.yml:4:5 protect[0].launch: "))).toBe(true);
  });

  it("follows an alias to where it was written", () => {
    const problems = problemsOf("regions: &both\n  primary: nowhere\nobjectives: *both\n");
    expect(problems.some((line) => line.startsWith("plan.yml:2:12 regions.primary: "))).toBe(true);
    expect(problems.some((line) => line.startsWith("plan.yml:2:3 objectives.primary: "))).toBe(true);
  });

  it("reads 10,000 unknown keys in seconds", () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `key-${index}: 1\n`).join("");
    expect(problemsOf(keys).length).toBeGreaterThanOrEqual(10_000);
  });

  it("never throws, whatever stands in the file", () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc
        .array(
          fc.constantFrom(
            "a",
            ":",
            " ",
            "\n",
            "- ",
            "&a",
            "*a",
            "[",
            "]",
            "{",
            "}",
            "?",
            "!",
            '"',
            "#",
            "|",
            "<<",
            "\t",
          ),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(anyText, (content) => {
        const problems = problemsOf(content);
        expect(problems.length).toBeGreaterThan(0);
        for (const line of problems) expect(line).not.toMatch(/\n|\bat .*\(.*:\d+:\d+\)/);
      }),
      { numRuns: 100 },
    );
  });

  it("throws every mistake as one error for those who need a plan", () => {
    expect(() => readPlanOrThrow("test/cli/twelve-mistakes.yml")).toThrow(PlanInvalidError);
    expect(() => readPlanOrThrow("test/cli/twelve-mistakes.yml")).toThrow(/^12 problems\n(.*\n){11}.*$/);
    expect(() => readPlanOrThrow("none.yml")).toThrow(
      "none.yml: expected a plan file that can be read (got no such file)",
    );
    expect(readPlanOrThrow("examples/minimal.yml").application).toBe("notes");
  });
});
