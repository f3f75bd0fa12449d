import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
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

  it("exits 2 on a bad plan, with the problem and no stack", () => {
    const { code, out, error } = run("check", "package.json");
    expect(code).toBe(2);
    expect(out).toContain("package.json:1:1 application: expected ");
    expect(out + error).not.toMatch(/^ {4}at /m);
  });
});
