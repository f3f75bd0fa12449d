import { expect, test, vi } from "vitest";
import { readArguments, runScript, ScriptError } from "../../infra/arguments.ts";

test("a script takes its plan, and the switches that it knows", () => {
  const { plan, controllers } = readArguments(
    "remove",
    ["--plan", "examples/minimal.yml", "--controllers"],
    ["controllers"],
  );
  expect(plan.version).toBe(1);
  expect(controllers).toBe(true);
});

test.each([
  ["no plan", [], "which plan?"],
  ["an unknown switch", ["--plan", "examples/minimal.yml", "--all"], "Unknown option '--all'"],
  [
    "a plan that is not there",
    ["--plan", "none.yml"],
    "none.yml: expected a plan file that can be read (got no such file)",
  ],
])("%s is bad usage, said with what is right", (_, args, message) => {
  const read = () => readArguments("deploy", args);
  expect(read).toThrow(ScriptError);
  expect(read).toThrow(message);
  try {
    read();
  } catch (error) {
    expect(error).toMatchObject({ exitCode: 2, hint: expect.stringMatching(/^(Usage: npm run deploy|Mend none.yml)/) });
  }
});

test("a plan that check refuses is neither packaged nor deployed; what was deployed before is removed", () => {
  const args = ["--plan", "test/scenarios/plans/warm.yml"];
  for (const script of ["package", "deploy"])
    expect(() => readArguments(script, args)).toThrow("expected witnesses of two points of view in every quorum");
  expect(readArguments("remove", args).plan.application).toBe("warm");
});

test("an error of a script is two lines and an exit code, without a stack", async () => {
  const said = vi.spyOn(console, "error").mockReturnValue();
  await runScript(async () => {
    throw new ScriptError("it did not work", "Do this.");
  });
  expect(said.mock.calls).toEqual([["error: it did not work\n  Do this."]]);
  expect(process.exitCode).toBe(1);
  process.exitCode = undefined;
  said.mockRestore();
});

test("what nobody foresaw keeps its stack", async () => {
  const bug = new TypeError("a bug");
  await expect(runScript(() => Promise.reject(bug))).rejects.toBe(bug);
});
