import { parseArgs } from "node:util";
import { limits } from "../../functions/core/limits.ts";
import { createContext, type Outside } from "../../functions/runtime/context.ts";
import { handlers } from "../../simulator/machines/handlers.ts";
import { clientDefaults } from "../client-defaults.ts";
import { runMachine } from "../machine.ts";
import { account, application, bucketName, recovery, tableName, userDataTableName } from "../names.ts";
import { type Published, projectionOf } from "../projection.ts";

/**
 * Lifeboat as a process of its own, as the peers are: runs machines of the project one after the other against the
 * proxy, and ends with 0 when each of them succeeded. The last line of its output tells how right the projection was.
 */
const { values } = parseArgs({
  options: {
    endpoint: { type: "string" },
    /** JSON: [{ machine, name, input }]. */
    runs: { type: "string" },
    waits: { type: "string" },
  },
});
const { endpoint = "", waits = "real" } = values;
const runs = JSON.parse(values.runs ?? "[]") as { machine: string; name: string; input: unknown }[];

// moto takes as long for a whole listing as AWS does for many pages
(limits as { callSeconds: number }).callSeconds = 300;

let skippedMs = Number(await (await fetch(`${endpoint}/bench/skip`)).text());
const now = () => new Date(Date.now() + skippedMs);

/** Skipped: the clocks of both sides move on, and nothing is waited for. */
const wait = async (seconds: number) => {
  if (waits === "real") return new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
  skippedMs += seconds * 1_000;
  await fetch(`${endpoint}/bench/skip`, { method: "POST", body: String(seconds * 1_000) });
};

const metrics: Published[] = [];
const log = (level: string) => (message: string, fields?: Record<string, unknown>) =>
  void (level === "info" || console.log(`${level} ${message} ${JSON.stringify(fields ?? {})}`));
const ignored = async () => ({ error: "ENOTFOUND" });
const outside: Outside = {
  settings: {
    region: recovery,
    home: recovery,
    table: tableName,
    userDataTable: userDataTableName,
    bucket: bucketName,
    failoverMachine: "",
    answerMachine: "",
    replicateMachine: "",
    detectFunction: "",
    schedulerRole: "",
  },
  watches: [],
  clientDefaults: clientDefaults(endpoint),
  net: { http: ignored, tcp: ignored, resolve: ignored },
  log: { info: log("info"), warn: log("warn"), error: log("error") },
  metrics: { add: (name, _unit, value) => metrics.push({ at: now().toISOString(), name, value }) },
  now,
};

let code = 0;
for (const { machine, name, input } of runs) {
  const id = `arn:aws:states:${recovery}:${account}:execution:lifeboat-${machine}:${name}`;
  try {
    await runMachine({ machine, input, id, name }, handlers, outside, wait);
  } catch (error) {
    const { name: error_, message, cause } = error as Error;
    console.log(`${machine} ${name}: ${error_}: ${message} ${(cause as Error | undefined)?.message ?? ""}`);
    code = 1;
  }
}
const { store } = createContext({ ...outside, watches: [] });
if (metrics.length > 0)
  console.log(`projection ${JSON.stringify(projectionOf(metrics, await store.points(application, "web")))}`);
process.exitCode = code;
