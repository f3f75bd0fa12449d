import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html, schema 2.2 */
const Document = z.strictObject({
  schemaVersion: z.literal("2.2"),
  description: z.string(),
  parameters: z.record(
    z.string(),
    z.strictObject({
      type: z.literal("String"),
      description: z.string(),
      default: z.string(),
      allowedPattern: z.string(),
    }),
  ),
  mainSteps: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-zA-Z0-9_]+$/),
      action: z.literal("aws:runShellScript"),
      precondition: z.strictObject({ StringEquals: z.tuple([z.literal("platformType"), z.literal("Linux")]) }),
      inputs: z.strictObject({ timeoutSeconds: z.string().regex(/^\d+$/), runCommand: z.array(z.string()).min(1) }),
    }),
  ),
});

const folder = new URL("../../examples/documents/", import.meta.url);
const files = readdirSync(folder).sort();
const read = (file: string) => Document.parse(parse(readFileSync(new URL(file, folder), "utf8")));

/** What Systems Manager puts there. */
const scriptOf = ({ mainSteps, parameters }: z.infer<typeof Document>) =>
  mainSteps
    .flatMap(({ inputs }) => inputs.runCommand)
    .join("\n")
    .replace(/\{\{ *(\w+) *\}\}/g, (_, name) => parameters[name]!.default);

/** Runs a script with these programs in the place of the real ones; gives what was called. */
const run = (script: string, failing: string[] = []) => {
  const home = mkdtempSync(join(tmpdir(), "lifeboat-documents-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  for (const name of ["runuser", "mysql", "systemd-run", "systemctl", "fsfreeze"]) {
    const code = failing.includes(name) ? 1 : 0;
    writeFileSync(join(home, name), `#!/bin/sh\necho "${name} $*" >> ${home}/calls\nexit ${code}\n`);
    chmodSync(join(home, name), 0o755);
  }
  const { status } = spawnSync("/bin/sh", ["-c", script], { env: { PATH: `${home}:/usr/bin:/bin` } });
  const calls = readFileSync(join(home, "calls"), "utf8").trim().split("\n");
  return { status, calls: calls.map((call) => call.replace(/ -c for .*/, " -c …")) };
};

describe.each(files)("%s", (file) => {
  it("is a command document that runs without parameters, which their patterns allow", () => {
    const document = read(file);
    const text = JSON.stringify(document.mainSteps);
    expect([...text.matchAll(/\{\{ *(\w+) *\}\}/g)].map(([, name]) => name)).not.toEqual([]);
    for (const { default: value, allowedPattern } of Object.values(document.parameters))
      expect(value).toMatch(new RegExp(allowedPattern));
    expect(scriptOf(document)).not.toContain("{{");
  });
});

it("knows a document of each kind for both moments", () => {
  expect(files).toEqual(["mysql-after.yml", "mysql-before.yml", "postgresql-after.yml", "postgresql-before.yml"]);
});

const thaw = "systemd-run --quiet --collect --unit=lifeboat-thaw --on-active=90 /bin/sh -c …";

it.each([
  ["postgresql", "runuser -u postgres -- psql --no-psqlrc --quiet --command CHECKPOINT", "/var/lib/postgresql"],
  ["mysql", "mysql --user=root --execute FLUSH ENGINE LOGS", "/var/lib/mysql"],
])("%s: the data are flushed, and nothing is frozen before the timer that thaws it runs", (name, flush, mount) => {
  const before = scriptOf(read(`${name}-before.yml`));
  expect(run(before)).toEqual({ status: 0, calls: [flush, thaw, `fsfreeze --freeze ${mount}`] });
  expect(run(before, ["systemd-run"])).toMatchObject({ status: 1, calls: [flush, thaw] });
  expect(run(before, ["runuser", "mysql"])).toMatchObject({ status: 1, calls: [flush] });
  const after = scriptOf(read(`${name}-after.yml`));
  const thawed = [`fsfreeze --unfreeze ${mount}`, "systemctl stop lifeboat-thaw.timer"];
  expect(run(after)).toEqual({ status: 0, calls: thawed });
  expect(run(after, ["fsfreeze"])).toEqual({ status: 0, calls: thawed });
});
