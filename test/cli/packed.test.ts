import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { root } from "../support/import-graph.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeboat-packed-"));
const command = join(folder, "node_modules/.bin/lifeboat");
/** Nothing of this machine's AWS or npm is in it; the first Node of the path is the one that runs the tests. */
const environment = {
  PATH: `${join(process.execPath, "..")}:${process.env.PATH}`,
  HOME: folder,
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "secret",
};

const run = (program: string, args: string[], more: { cwd?: string; env?: Record<string, string> } = {}) => {
  const { cwd = folder, env = {} } = more;
  const done = spawnSync(program, args, { cwd, env: { ...environment, ...env }, encoding: "utf8" });
  return { code: done.status, out: done.stdout, error: done.stderr };
};
const lifeboat = (...args: string[]) => run(command, args);

/** As a newcomer does it; without a network, for the package asks for no other one. */
beforeAll(() => {
  const packed = run("npm", ["pack", "--pack-destination", folder], { cwd: root });
  if (packed.code !== 0) throw new Error(packed.error);
  const [archive] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  const installed = run("npm", ["install", "--offline", "--no-audit", `./${archive}`]);
  if (installed.code !== 0) throw new Error(installed.error);
  cpSync(join(root, "test/simulation/two-servers.yml"), join(folder, "my-plan.yml"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the package holds the command, the pages and the examples, and brings no other package", () => {
  const home = join(folder, "node_modules", packageJson.name);
  expect(readdirSync(home).sort()).toEqual(
    [
      ...["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "dist", "docs", "examples"],
      ...["package.json", "statemachines"],
    ].sort(),
  );
  for (const page of ["README.md", "CHANGELOG.md", "SECURITY.md"]) {
    const links = [...readFileSync(join(home, page), "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to]) => to!);
    expect(links.filter((to) => !existsSync(join(home, to)))).toEqual([]);
  }
  expect(readdirSync(join(home, "dist"))).toEqual(["cli"]);
  expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["@lifeboat-dr"]);
});

test("it says its version in less than 300 ms of CPU", () => {
  const tell = join(folder, "tell.mjs");
  writeFileSync(
    tell,
    'process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error((user + system) / 1_000); });',
  );
  const spent = [1, 2, 3].map(() => {
    const { out, error } = run(command, ["--version"], { env: { NODE_OPTIONS: `--import=${tell}` } });
    expect(out).toBe(`${packageJson.version}\n`);
    return Number(error);
  });
  expect(Math.min(...spent)).toBeGreaterThan(0);
  expect(Math.min(...spent)).toBeLessThan(300);
});

test("it checks a plan, and tells the mistakes of another one", () => {
  expect(lifeboat("check", "my-plan.yml")).toMatchObject({ code: 0, error: "" });
  const bad = lifeboat("check", "node_modules/@lifeboat-dr/cli/package.json");
  expect(bad.code).toBe(2);
  expect(bad.out).toContain("package.json:1:1 application: expected ");
});

test("it rehearses as the sources do, call by call", () => {
  const args = ["rehearse", "my-plan.yml", "--seed", "2", "--json"];
  const sources = run(process.execPath, [join(root, "cli/main.ts"), ...args]);
  const packed = lifeboat(...args);
  expect(JSON.parse(packed.out).calls.length).toBeGreaterThan(100);
  expect(packed).toEqual(sources);
});

test.each(["status", "approve"])("%s asks AWS, and ends with what it met", (name) => {
  const { code, out, error } = lifeboat(
    name,
    "shop",
    "--region",
    "eu-central-1",
    "--endpoint-url",
    "http://127.0.0.1:9",
  );
  expect([code, out]).toEqual([1, ""]);
  expect(error).toMatch(/^error: AWS did not answer: .*\nnext: .*\n$/);
});

test("the workflow of the examples checks and rehearses with the single file", () => {
  const { jobs } = parse(readFileSync(join(root, "examples/ci/github-action.yml"), "utf8"));
  const [repository, summary] = [join(folder, "repository"), join(folder, "summary.md")];
  for (const [from, to] of [
    ["test/simulation/two-servers.yml", "plans/pair.yml"],
    ["dist/lifeboat.mjs", "tools/lifeboat.mjs"],
  ] as const) {
    mkdirSync(join(repository, to, ".."), { recursive: true });
    cpSync(join(root, from), join(repository, to));
  }
  const lines = jobs.plans.steps.flatMap(({ run }: { run?: string }) => run ?? []);
  const env = { GITHUB_STEP_SUMMARY: summary };
  for (const line of lines)
    expect(
      run("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", line], { cwd: repository, env }),
    ).toMatchObject({
      code: 0,
      error: "",
    });
  expect(lines).toHaveLength(2);
  expect(readFileSync(summary, "utf8")).toMatch(/^Outcome +succeeded/m);
});
