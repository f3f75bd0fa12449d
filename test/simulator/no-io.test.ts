import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Ends the process with the name of what was opened. */
const watch = `
  import { Socket as Tcp } from "node:net";
  import { Socket as Udp } from "node:dgram";
  import dns from "node:dns";
  import { syncBuiltinESMExports } from "node:module";
  const found = (what) => () => { process.stderr.write("opened " + what); process.exit(9); };
  Tcp.prototype.connect = found("a TCP socket");
  Udp.prototype.bind = Udp.prototype.send = found("a UDP socket");
  for (const [name, value] of Object.entries(dns)) if (typeof value === "function" && /^(lookup|resolve)/.test(name)) dns[name] = found(name);
  for (const type of [dns.Resolver, dns.promises.Resolver])
    for (const name of Object.getOwnPropertyNames(type.prototype)) if (/^resolve/.test(name)) type.prototype[name] = found(name);
  dns.promises.lookup = found("lookup");
  syncBuiltinESMExports();
`;

/**
 * Runs a script whose home's AWS files never end when they are read, whose sockets and look-ups are watched, and which
 * may read the project and write nothing at all.
 */
const run = async (script: string[], environment: (home: string) => NodeJS.ProcessEnv = () => ({})) => {
  const home = mkdtempSync(join(tmpdir(), "lifeboat-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, ".aws"));
  const files = ["config", "credentials", "elsewhere"].map((file) => join(home, ".aws", file));
  execFileSync("mkfifo", files);
  const watching = join(home, "watch.mjs");
  writeFileSync(watching, watch);
  const allowed = ["--permission", `--allow-fs-read=${root}*`, `--allow-fs-read=${home}*`, "--import", watching];
  const env = { PATH: process.env.PATH, HOME: home, ...environment(home) };
  return promisify(execFile)(process.execPath, [...allowed, ...script], { cwd: root, env, timeout: 40_000 });
};

const rehearse = ["cli/main.ts", "rehearse", "test/simulation/two-servers.yml", "--scenario", "throttled", "--json"];

it("a rehearsal opens no socket, asks no name server, reads no file of ~/.aws and writes none", async () => {
  const { stdout } = await run(rehearse);
  expect(JSON.parse(stdout)).toMatchObject({ application: "pair", outcome: "succeeded" });
});

it("the person's own AWS settings change nothing in it", async () => {
  const strange = (home: string) => ({
    AWS_CONFIG_FILE: join(home, ".aws", "elsewhere"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws", "elsewhere"),
    AWS_PROFILE: "production",
    AWS_REGION: "ap-southeast-2",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_RETRY_MODE: "adaptive",
    AWS_MAX_ATTEMPTS: "1",
    TZ: "Pacific/Auckland",
  });
  const [usual, own] = [await run(rehearse), await run(rehearse, strange)];
  expect(own.stdout).toBe(usual.stdout);
});

it("the watch of this test sees a socket and a look-up when there is one", async () => {
  const connects = run(["-e", "require('node:net').connect(9, '127.0.0.1')"]);
  await expect(connects).rejects.toMatchObject({ code: 9, stderr: expect.stringContaining("opened a TCP socket") });
  const asks = run([
    "--input-type=module",
    "-e",
    "import { lookup } from 'node:dns'; lookup('example.com', () => {});",
  ]);
  await expect(asks).rejects.toMatchObject({ code: 9, stderr: expect.stringContaining("opened lookup") });
});
