import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { root } from "../support/import-graph.ts";
import { aHttpServer } from "../support/local-servers.ts";

const hourGlass = ["--import", pathToFileURL(join(root, "test/support/hour-glass.ts")).href];
/** The words that end a silence: a machine with much to do has them anywhere. */
const silence = /^(still working|waiting for .+) \(\w+( \w+)?\)\n/gm;

/** What a person sees who runs a script of the tree, with these variables and no others of AWS. */
const run = async (script: string, args: string[], env: Record<string, string> = {}, options: string[] = []) => {
  const child = spawn(process.execPath, [...options, script, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root, AWS_EC2_METADATA_DISABLED: "true", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [out, error, saidAt] = ["", "", 0];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => {
    error += text;
    if (/^error:/m.test(error)) saidAt ||= Date.now();
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  const silences = error.match(silence) ?? [];
  const secondsAfterTheError = (Date.now() - saidAt) / 1_000;
  return { code, out, error: error.replace(silence, ""), silences, secondsAfterTheError };
};
const lifeboat = (args: string[], env?: Record<string, string>) => run("cli/main.ts", args, env);
const keys = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
const plan = "test/simulation/two-servers.yml";

/** An emulator of AWS that answers every call like this. */
const anAws = async (answer: (request: IncomingMessage, body: string, response: ServerResponse) => void) => {
  const port = await aHttpServer((request, response) => {
    let body = "";
    request.on("data", (text) => (body += text));
    request.on("end", () => answer(request, body, response));
  });
  return `http://127.0.0.1:${port}`;
};
const refuse = (response: ServerResponse, type: string, message: string) => {
  response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
  response.end(JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }));
};

test.each([
  ["status", ["pair", "--region", "eu-central-1"]],
  ["failover", ["pair", "--region", "eu-central-1"]],
  ["check", ["--online", plan]],
])(
  "an endpoint that accepts and never answers: %s says what it waits for, then what it met, and ends",
  async (command, args) => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const shown = await run("cli/main.ts", [command, ...args, "--endpoint-url", url], keys, hourGlass);
    expect([shown.code, shown.out]).toEqual([1, ""]);
    expect(shown.error).toMatch(
      /^error: AWS did not answer: .* no answer within 10 s\nnext: Check the network and --endpoint-url, then try again\.\n$/,
    );
    expect(shown.silences.join("")).toMatch(/^waiting for \w+ \w+ in eu-\w+-1 \(/m);
    expect(shown.secondsAfterTheError).toBeLessThan(2);
  },
);

test("a mistyped profile is told with those that there are", async () => {
  const home = mkdtempSync(join(tmpdir(), "lifeboat-home-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, "config"), "[profile prod]\nregion = eu-west-1\n[sso-session corp]\n[profile staging]\n");
  const { code, out, error, secondsAfterTheError } = await lifeboat(["status", "pair", "--region", "eu-central-1"], {
    AWS_CONFIG_FILE: join(home, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(home, "none"),
    AWS_PROFILE: "prdo",
  });
  expect([code, out, error]).toEqual([
    1,
    "",
    "error: no AWS credentials: there is no profile prdo with credentials (AWS_PROFILE names it)\n" +
      "next: Did you mean prod? Known profiles: prod, staging.\n",
  ]);
  expect(secondsAfterTheError).toBeLessThan(2);
});

test("an expired key is told as that, with --json as one object", async () => {
  const url = await anAws((_, __, response) =>
    refuse(response, "ExpiredTokenException", "The security token included in the request is expired"),
  );
  const { code, out, error } = await lifeboat(
    ["status", "pair", "--region", "eu-central-1", "--json", "--endpoint-url", url],
    keys,
  );
  const message = "the AWS credentials have expired: The security token included in the request is expired";
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({ error: { name: "LifeboatError", message, hint: "Log in again: take new keys." } });
  expect(error).toBe(`error: ${message}\nnext: Log in again: take new keys.\n`);
});

test.each([
  [
    ["--region", "us-wast-2"],
    "--region: expected the name of a Region of AWS, such as eu-west-1 (got us-wast-2; did you mean us-west-2?)",
  ],
  [
    ["--region", "eu-central-1", "--endpoint-url", "localhost:5599"],
    "--endpoint-url: expected a URL that begins with http:// or https:// (got localhost:5599)",
  ],
])("%j is refused before anything is asked", async (args, message) => {
  let asked = 0;
  const url = await anAws((_, __, response) => {
    asked += 1;
    response.end();
  });
  const { code, out, error } = await lifeboat(["status", "pair", ...args], { ...keys, AWS_ENDPOINT_URL: url });
  expect([code, out, error.split("\nnext:")[0]]).toEqual([2, "", `error: ${message}`]);
  expect(asked).toBe(0);
});

test("what answers and is not AWS is told as that", async () => {
  const url = await anAws((_, __, response) => response.end("<html>Sign in to the guest network</html>"));
  const { code, error } = await lifeboat(["status", "pair", "--region", "eu-central-1", "--endpoint-url", url], keys);
  expect(code).toBe(1);
  expect(error).toMatch(
    /^error: the endpoint is not AWS: .*\nnext: Check --endpoint-url, AWS_ENDPOINT_URL, and any proxy in between\.\n$/,
  );
});

test("AccessDenied in deploy is two lines, names the right, and makes nothing", async () => {
  const refusal = "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: dynamodb:GetItem";
  const url = await anAws((request, body, response) => {
    if (request.headers["x-amz-target"]) return refuse(response, "AccessDeniedException", refusal);
    expect(body).toContain("Action=GetCallerIdentity");
    response.writeHead(200, { "content-type": "text/xml" });
    response.end(
      "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    );
  });
  const env = { ...keys, AWS_ENDPOINT_URL: url };
  for (const script of ["infra/deploy.ts", "infra/remove.ts"]) {
    const { code, out, error, secondsAfterTheError } = await run(script, ["--plan", "examples/minimal.yml"], env);
    expect([code, out, error]).toEqual([
      1,
      "account 111122223333: notes, us-west-2 -> us-east-2\n",
      `error: AWS refused: ${refusal}\nnext: docs/deploy.md lists the permissions that the commands need.\n`,
    ]);
    expect(secondsAfterTheError).toBeLessThan(2);
  }
});

test("every script of package.json says what it takes, and no stack for what it does not know", async () => {
  const scripts = Object.entries(packageJson.scripts).flatMap(([name, line]) => {
    const [, file] = /^node (\S+)$/.exec(line) ?? [];
    return file && file !== "cli/main.ts" ? [{ name, file }] : [];
  });
  expect(scripts.length).toBeGreaterThanOrEqual(12);
  for (const { name, file } of scripts) {
    const knowsAll = /^test:(moto|runtime)$/.test(name);
    const [help, unknown] = await Promise.all([run(file, ["--help"]), knowsAll || run(file, ["--no-such-option"])]);
    expect([name, help.code, help.error]).toEqual([name, 0, ""]);
    expect(help.out).toContain(`Usage: npm run ${name}`);
    if (unknown === true) continue;
    expect([name, unknown.out]).toEqual([name, ""]);
    expect(unknown.code).toBeGreaterThan(0);
    expect(unknown.error).not.toMatch(/^ +at /m);
  }
});

test("Ctrl-C is heard while a run is followed: what it tells comes first, and the exit code is that of a signal", async () => {
  const script = join(mkdtempSync(join(tmpdir(), "lifeboat-interrupt-")), "interrupt.ts");
  onTestFinished(() => rmSync(join(script, ".."), { recursive: true }));
  writeFileSync(
    script,
    `import { outside } from ${JSON.stringify(pathToFileURL(join(root, "terminal/outside.ts")).href)};
outside.onInterrupt(() => console.error("it goes on"));
setInterval(() => {}, 1_000);
process.kill(process.pid, process.argv[2]);`,
  );
  expect(await run(script, ["SIGINT"])).toMatchObject({ code: 130, error: "it goes on\n" });
  expect(await run(script, ["SIGTERM"])).toMatchObject({ code: 143, error: "it goes on\n" });
});
