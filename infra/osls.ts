import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ScriptError } from "./arguments.ts";
import type { Stack } from "./stacks.ts";

export const projectRoot = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const program = require.resolve("osls/bin/serverless.js");
const run = promisify(execFile);

export const packageFolder = ({ role, region }: Stack) => `.package/${role}-${region}`;

/** Runs one osls command for one stack, in the folder that has serverless.yml. Throws with what osls printed. */
export const osls = async (
  command: "package" | "deploy" | "remove",
  stack: Stack,
  { root = projectRoot, environment = process.env } = {},
) => {
  const args = [
    command,
    "--region",
    stack.region,
    "--param",
    `role=${stack.role}`,
    "--param",
    `stackName=${stack.stackName}`,
    ...(command === "remove" ? [] : ["--package", packageFolder(stack)]),
  ];
  try {
    const { stdout } = await run(process.execPath, [program, ...args], {
      cwd: root,
      env: { ...environment, SLS_NOTIFICATIONS_MODE: "off", SLS_TELEMETRY_DISABLED: "1" },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new ScriptError(
      `osls ${command} ${stack.stackName} in ${stack.region} failed\n${stdout ?? ""}${stderr ?? ""}`.trimEnd(),
      "Nothing after this stack was done: mend the cause and run the same command again.",
      1,
      { cause: error },
    );
  } finally {
    // osls leaves its working copy behind, and the next command would take it for its own.
    await rm(join(root, ".serverless"), { recursive: true, force: true });
  }
};
