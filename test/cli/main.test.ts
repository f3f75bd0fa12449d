import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";

const run = (...args: string[]) => {
  try {
    const out = execFileSync(process.execPath, ["cli/main.ts", ...args], { encoding: "utf8", stdio: "pipe" });
    return { code: 0, out, error: "" };
  } catch (failed) {
    const { status, stdout, stderr } = failed as { status: number; stdout: string; stderr: string };
    return { code: status, out: stdout, error: stderr };
  }
};

describe("cli/main.ts", () => {
  it("can be started by npx", () => {
    expect(statSync("cli/main.ts").mode & 0o111).toBe(0o111);
    expect(run("--version").code).toBe(0);
  });

  it("cli/main.ts takes a plan from its standard input, and tells its mistakes", () => {
    const check = (input: string) =>
      spawnSync(process.execPath, ["cli/main.ts", "check", "-"], { input, encoding: "utf8" });
    expect(check(readFileSync("examples/minimal.yml", "utf8"))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^-: ok - notes: /),
    });
    expect(check("version: 2")).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^-:1:10 version: expected 1 \(got 2\)$/m),
    });
  });

  it("exits 2 on a bad plan, with the problem and no stack", () => {
    const { code, out, error } = run("check", "package.json");
    expect(code).toBe(2);
    expect(out).toContain("package.json:1:1 application: expected ");
    expect(out + error).not.toMatch(/^ {4}at /m);
  });
});
