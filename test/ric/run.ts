import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleAll } from "../../infra/bundle.ts";
import { environment, keep, root, stopAll } from "../moto/processes.ts";
import { atAnyEnd } from "../moto/suite.ts";
import { type Outcome, startRuntimeApi } from "./runtime-api.ts";

if (process.argv.includes("--help")) {
  console.log("Usage: npm run test:runtime");
  console.log("Every bundle answers in the runtime client of Lambda, which is built once: a compiler is needed.");
  process.exit(0);
}

/** Without these the runtime client cannot be built. */
const tools = ["cc", "c++", "make", "cmake", "python3"];
const answerSecondsMax = 30;
const folder = join(root, ".ric");
const client = join(folder, "node_modules/aws-lambda-ric/index.mjs");

atAnyEnd(() => stopAll("SIGTERM"));

/** Installs the runtime client by its lock file into a folder of its own, once: a compiler is needed, and `npm ci` of the project needs none. */
const install = async () => {
  const lock = "package-lock.json";
  const own = fileURLToPath(new URL("client", import.meta.url));
  const isSame =
    existsSync(client) && readFileSync(join(folder, lock), "utf8") === readFileSync(join(own, lock), "utf8");
  if (isSame) return;
  console.log(`building the runtime client of Lambda in ${folder}: one to two minutes, once`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const file of ["package.json", lock]) cpSync(join(own, file), join(folder, file));
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    env: { ...environment({}), MAKEFLAGS: "-j2" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  keep(npm);
  const [code] = await once(npm, "exit");
  if (code !== 0 || !existsSync(client)) throw new Error(`npm ci in ${folder} ended with ${code}`);
};

/** What a bundle answers to `{}` in the real runtime client, without AWS; its log must have lost no field. */
const tryCall = async (name: string, bundles: string): Promise<Outcome> => {
  const api = await startRuntimeApi({});
  const container: ChildProcess = spawn(process.execPath, [client, "index.handler"], {
    cwd: join(bundles, name),
    env: environment({
      AWS_LAMBDA_RUNTIME_API: api.address,
      LAMBDA_TASK_ROOT: join(bundles, name),
      _HANDLER: "index.handler",
      AWS_REGION: "eu-central-1",
      AWS_LAMBDA_FUNCTION_NAME: `lifeboat-${name}`,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_LOG_GROUP_NAME: "log",
      AWS_LAMBDA_LOG_STREAM_NAME: "log",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      LIFEBOAT_TABLE: "lifeboat",
      LIFEBOAT_BUCKET: "lifeboat-reports",
    }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  keep(container);
  let said = "";
  for (const stream of [container.stdout, container.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
    });
  const lost = async (): Promise<Outcome> => {
    const [code] = await once(container, "exit");
    return { errorType: "none", errorMessage: `ended with ${code} before it answered: ${said}` };
  };
  const late = new Promise<Outcome>((resolve) => {
    const answer = { errorType: "none", errorMessage: `no answer within ${answerSecondsMax} s` };
    setTimeout(() => resolve(answer), answerSecondsMax * 1_000).unref();
  });
  const outcome = await Promise.race([api.outcome, lost(), late]);
  container.kill("SIGKILL");
  api.stop();
  // Powertools' own words of a field that it drops
  return /reserved key/.test(said) ? { errorType: "none", errorMessage: said } : outcome;
};

/** Functions that have nothing to do without an application, and say so; each of the others refuses `{}` as a mistake of who started it. */
const quiet = new Set(["approval-page", "detect", "release", "report", "wake"]);
const isRight = (name: string, outcome: Outcome) =>
  "value" in outcome ? quiet.has(name) : outcome.errorType === "PlanInvalidError" && !quiet.has(name);

const missing = tools.filter((tool) => spawnSync(tool, ["--version"], { stdio: "ignore" }).status !== 0);
if (missing.length > 0)
  console.log(`skipped: the runtime client of Lambda cannot be built here without ${missing.join(", ")}`);
else {
  await install();
  const bundles = mkdtempSync(join(tmpdir(), "lifeboat-ric-"));
  const names = [...(await bundleAll(bundles)).keys()].sort();
  const wrong: string[] = [];
  for (const name of names) {
    const outcome = await tryCall(name, bundles);
    if (!isRight(name, outcome)) wrong.push(`${name}: ${JSON.stringify(outcome).slice(0, 1_000)}`);
  }
  rmSync(bundles, { recursive: true, force: true });
  for (const line of wrong) console.error(line);
  console.log(`${names.length - wrong.length} passed, ${wrong.length} failed`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
