import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { program } from "../../cli/program.ts";
import { createOutput } from "../../terminal/output.ts";
import { readPlan } from "../../terminal/plan-file.ts";

const aFile = (name = "my-plan.yml") => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-init-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, name);
};
const init = async (...args: string[]) => {
  const [out, error]: [string[], string[]] = [[], []];
  const stream = (lines: string[]) => ({ isTTY: false, write: (text: string) => lines.push(text) > 0 }) as never;
  const code = await program(["init", ...args], createOutput(stream(out), stream(error)));
  return { code, out: out.join(""), error: error.join("") };
};
const regions = (primary: string, recovery: string) => ["--primary", primary, "--recovery", recovery];

it.each([
  ["eu-west-1", "eu-central-1"],
  ["us-east-1", "us-west-2"],
  ["us-west-2", "eu-west-1"],
])(
  "writes a plan of %s and %s that check takes, and names each value that is still to be filled in",
  async (primary, recovery) => {
    const file = aFile();
    const { code, out } = await init(file, ...regions(primary, recovery), "--application", "blog");
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining(`next: replace the values marked in capitals, then lifeboat check ${file}`),
    });
    const { plan, problems, refusals, warnings } = readPlan(file);
    expect({ problems, refusals }).toEqual({ problems: [], refusals: [] });
    const yours = ["PAGE", "SUBNETS", "SECURITY GROUPS", "ELASTIC IP", "HOSTED ZONE", "RECORD", "TOPICS"];
    expect(warnings.map(({ message }) => message)).toEqual(
      yours.map((what) => `YOUR ${what}: fill it in, then delete the comment`),
    );
    expect(plan).toMatchObject({ application: "blog", regions: { primary, recovery }, detect: { action: "approve" } });
  },
);

it("takes what is asked for", async () => {
  const file = aFile();
  const options = ["--rpo", "2h", "--rto", "1h", "--action", "automatic", "--port", "8080"];
  expect(await init(file, ...regions("eu-west-1", "eu-central-1"), ...options)).toMatchObject({ code: 0 });
  const { plan } = readPlan(file);
  expect(plan).toMatchObject({ objectives: { rpoSeconds: 7_200, rtoSeconds: 3_600 }, detect: { action: "automatic" } });
  expect(readFileSync(file, "utf8")).toContain('http: ":8080/healthz"');
});

it.each([
  [["--primary", "nowhere", "--recovery", "eu-west-1"], "error: --primary: expected the name of a Region"],
  [[...regions("eu-west-1", "eu-west-1")], "error: --recovery: expected "],
  [[...regions("eu-west-1", "eu-central-1"), "--action", "maybe"], "error: --action: expected "],
  [[...regions("eu-west-1", "eu-central-1"), "--application", "Blog!"], "error: --application: expected "],
  [regions("cn-north-1", "cn-northwest-1"), "error: --primary: expected a Region of the partition aws"],
  [["--primary", "eu-west-1"], "error: required option '--recovery <region>' not specified"],
])("refuses %j, and writes nothing", async (args, message) => {
  const file = aFile();
  const { code, error } = await init(file, ...args);
  expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining(message) });
  expect(() => readFileSync(file)).toThrow("ENOENT");
});

it("writes over no file that is there, unless it may", async () => {
  const file = aFile();
  writeFileSync(file, "mine");
  const both = regions("eu-west-1", "eu-central-1");
  expect(await init(file, ...both)).toMatchObject({ code: 2, error: expect.stringContaining("already exists") });
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(await init(file, ...both, "--force")).toMatchObject({ code: 0 });
  expect(await init(aFile("plan.txt"), ...both)).toMatchObject({ code: 2 });
  expect(await init(join(file, "below.yml"), ...both)).toMatchObject({ code: 2 });
});

it("says nothing of another comment of a plan that begins alike", () => {
  const file = aFile();
  const text = readFileSync("examples/minimal.yml", "utf8").replace(
    "application: notes",
    "application: notes # YOUR NAME HERE",
  );
  writeFileSync(file, text);
  expect(readPlan(file).warnings).toEqual([]);
});
