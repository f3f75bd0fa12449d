import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "../../infra/bundle.ts";
import { deploy } from "../fleet.ts";
import { application } from "../names.ts";
import { type Program, root } from "../processes.ts";
import type { Tool } from "./tool.ts";

const secondsMax = 3_600;
const heapFlags = (heapMiB: number | null) =>
  heapMiB === null ? [] : [`--max-old-space-size=${heapMiB}`, "--max-semi-space-size=2"];

/** All functions and the interpreter in one file, bundled as for Lambda: TypeScript and unused code take memory too. */
const bundle = async () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, "lifeboat-run.mjs");
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  await build({ ...bundleOptions(), entryPoints: [`${root}bench/tools/lifeboat-run.ts`], outfile, banner });
  return outfile;
};

/** `heapMiB`: cap of the heap; null = as Node chooses, as the functions are deployed. */
export const lifeboat = (heapMiB: number | null): Tool => {
  const version = (JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string }).version;
  let file: Promise<string> | undefined;
  return {
    name: "lifeboat",
    version,
    volumesMax: Number.POSITIVE_INFINITY,
    keepsNewest: true,
    async prepare({ endpoint, regime }) {
      await deploy(endpoint);
      file ??= bundle();
      const script = await file;
      const started = new Map<string, number>();
      const run = (machine: string, input: Record<string, unknown>): Program => {
        const count = (started.get(machine) ?? 0) + 1;
        started.set(machine, count);
        const runs = JSON.stringify([{ machine, name: `${machine}-${count}`, input: { application, ...input } }]);
        const args = [...heapFlags(heapMiB), script, "--endpoint", endpoint, "--waits", regime.waits, "--runs", runs];
        return { command: process.execPath, args, environment: {}, secondsMax };
      };
      const bySchedule = { by: "schedule" };
      return {
        // the pass after a point looks once for what is too many; nothing to do is what comes then
        before: [run("replicate", bySchedule), ...(regime.idle ? [run("replicate", bySchedule)] : [])],
        // a person's pass is due at once
        copies: [run("replicate", { reason: "bench" })],
        rerun: [run("replicate", bySchedule)],
        again: Array.from({ length: regime.furtherPasses }, () => run("replicate", bySchedule)),
        idle: [run("replicate", bySchedule)],
        prune: [run("rotate", bySchedule)],
      };
    },
  };
};
