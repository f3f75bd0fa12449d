import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, keep, motoFolder, running, stopAll } from "../moto/processes.ts";
import { atAnyEnd, runSuite } from "../moto/suite.ts";
import { makeVirtualEnvironment } from "../moto/virtual-environment.ts";
import { type E2ePorts, endGroup, startEmulators } from "./emulators.ts";

const suiteSecondsMax = 1_800;
const usage = "Usage: npm run test:e2e -- [--whole]";
if (process.argv.includes("--help")) {
  console.log(usage);
  process.exit(0);
}

let ministack: ChildProcess | undefined;
atAnyEnd(() => {
  if (ministack) endGroup(ministack);
  stopAll("SIGTERM");
});

const folder = mkdtempSync(join(tmpdir(), "lifeboat-e2e-"));
try {
  const args = process.argv.slice(2);
  if (args.some((arg) => arg !== "--whole")) throw new Error(usage);
  await makeVirtualEnvironment(motoFolder, keep);
  const [gateway, ministackPort, moto, events, world] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const ports: E2ePorts = { gateway, ministack: ministackPort, moto, events, world };
  ministack = await startEmulators(folder, ports);
  const story = `test/e2e/${args.length > 0 ? "whole" : "small"}.test.ts`;
  const own = { E2E_PORTS: JSON.stringify(ports), E2E_FOLDER: folder };
  process.exitCode = await runSuite("test/e2e/vitest.config.ts", [story], own, suiteSecondsMax);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  const ends = [...running].map((child) => once(child, "exit"));
  if (ministack) endGroup(ministack);
  stopAll("SIGTERM");
  await Promise.all(ends);
  if (process.exitCode) console.error(`what was asked, and what ministack and the functions printed: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
