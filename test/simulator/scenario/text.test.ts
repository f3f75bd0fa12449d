import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PlanInvalidError } from "../../../functions/core/errors.ts";
import { readScenario } from "../../../simulator/scenario/scenario.ts";
import { pairPlan } from "../../support/pair.ts";

const plan = pairPlan();
const refusal = (name: string) => {
  try {
    return readScenario(name, plan);
  } catch (error) {
    return error as PlanInvalidError;
  }
};
const aFile = (text: string | Uint8Array, name = "mine.yml") => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-scenario-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), text);
  return { file: join(folder, name), folder };
};

const shipped = readdirSync(new URL("../../../examples/scenarios/", import.meta.url)).map((file) =>
  file.replace(".yml", ""),
);

describe("a scenario that is read", () => {
  it.each(shipped)("a scenario that is read is the shipped %s by its name, which is its own", (name) => {
    expect(readScenario(name, plan).name).toBe(name);
  });

  it("a scenario that is read is a file by its path, and one without a dot or slash where it exists", () => {
    expect(readScenario("examples/scenarios/throttled.yml", plan).name).toBe("throttled");
    const { folder } = aFile("name: bare", "bare");
    const before = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    expect(readScenario("bare", plan).name).toBe("bare");
  });

  it("a scenario that is read is held to 1 MiB of text, and its 20,000 keys are read at once", () => {
    const keys = (count: number) => Array.from({ length: count }, (_, at) => `    k${at}: { x: 1 }`).join("\n");
    const { file } = aFile(`name: x\nworld:\n  servers:\n${keys(20_000)}\n`);
    const from = process.cpuUsage();
    const { message } = refusal(file) as PlanInvalidError;
    // it took two minutes where every pair of keys was compared
    expect(process.cpuUsage(from).user / 1e6).toBeLessThan(10);
    expect(message.split("\n")).toHaveLength(41);
    expect(message).toContain(`${file}:4:9 world.servers.k0: expected a list (got a map with x)\n`);
    expect(message).toMatch(/\nand 19960 more problems$/);
    expect(refusal(aFile(`name: x # ${"x".repeat(2 ** 20)}`).file)).toMatchObject({
      message: expect.stringMatching(/: expected a scenario of at most 1 MiB \(got 1\.0 MiB\)$/),
    });
  });
});

describe("a scenario that cannot be read", () => {
  it.each([
    ["meteor", "a shipped name or a file (got neither)"],
    ["./meteor.yml", "a shipped name or a file (got neither)"],
    ["trottled", "a shipped name or a file (got neither; did you mean throttled?)"],
    ["examples/scenarios", "a file (got a directory)"],
  ])("%s is refused with the names that there are", (name, expected) => {
    const error = refusal(name);
    expect(error).toBeInstanceOf(PlanInvalidError);
    expect(error).toMatchObject({ message: `scenario ${name}: expected ${expected}` });
    for (const one of shipped) expect((error as PlanInvalidError).hint).toContain(one);
  });

  it.each<[string, string | Uint8Array, string]>([
    ["no YAML", "name: broken\nfaults: [\n", ":3:1: expected well-formed YAML (got "],
    ["empty", "", ":1:1: expected a scenario (got an empty file)"],
    ["of a key twice", "name: x\nuntil: 1h\nuntil: 2h\n", ":3:1: expected each key once (got until again)"],
    ["of tags", "name: !!js x\n", ":1:7: expected plain YAML (got a tag (!...))"],
    ["wrong in its third line", "name: x\nfaults:\n  - { fault: meteor }\n", ":3:14 faults[0].fault: expected one of "],
    ["short of a key", "name: x\nfaults:\n  - { fault: slow-copy }\n", ":3:5 faults[0].factor: expected a number "],
  ])("as it is %s, is refused with the place", (_, text, message) => {
    const { file } = aFile(text);
    const error = refusal(file);
    expect(error).toBeInstanceOf(PlanInvalidError);
    expect(error).toMatchObject({ message: expect.stringContaining(`${file}${message}`) });
    expect((error as PlanInvalidError).hint).toBe("See docs/scenarios.md for the keys of a scenario.");
  });

  it("a scenario that cannot be read is no text", () => {
    expect(refusal(aFile(new Uint8Array([255, 254, 0, 1])).file)).toMatchObject({
      message: expect.stringContaining("expected a readable UTF-8 text file"),
    });
  });
});
