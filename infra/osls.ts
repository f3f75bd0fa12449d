import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ScriptError } from "./arguments.ts";
import { stackEvent } from "./progress.ts";
import type { Stack } from "./stacks.ts";

export const projectRoot = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const program = require.resolve("osls/bin/serverless.js");

export const packageFolder = ({ role, region }: Stack) => `.package/${role}-${region}`;

/**
 * Runs one osls command for one stack, in the folder that has serverless.yml; `onLine` gets each line that osls prints. Throws
 * ScriptError with what it printed; a stack that is not there has been removed.
 */
export const osls = async (
  command: "package" | "deploy" | "remove",
  stack: Stack,
  { root = projectRoot, environment = process.env, onLine = (_: string) => {} } = {},
): Promise<void> => {
  const args = [
    command,
    "--region",
    stack.region,
    "--param",
    `role=${stack.role}`,
    "--param",
    `stackName=${stack.stackName}`,
    ...(command === "remove" ? [] : ["--package", packageFolder(stack)]),
    // the events of CloudFormation, too
    ...(command === "package" ? [] : ["--verbose"]),
  ];
  const env = { ...environment, SLS_NOTIFICATIONS_MODE: "off", SLS_TELEMETRY_DISABLED: "1" };
  try {
    const { code, lines } = await run([program, ...args], root, env, onLine);
    if (code === 0 || (command === "remove" && isGone(lines, stack))) return;
    throw new ScriptError(
      [`osls ${command} ${stack.stackName} in ${stack.region} failed`, ...lines.filter(isNews)].join("\n"),
      "No later stack was changed. Fix the cause, then run the same command again; it continues with this stack.",
    );
  } finally {
    // osls leaves its working copy behind, and the next command would take it for its own.
    await rm(join(root, ".serverless"), { recursive: true, force: true });
  }
};

const run = async (args: string[], cwd: string, env: NodeJS.ProcessEnv, onLine: (line: string) => void) => {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      onLine(line);
    });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, lines };
};

/** CloudFormation says it with the name in quotes, or with "id". [CloudFormation API: DescribeStackResource] */
export const isGone = (lines: string[], { stackName }: Pick<Stack, "stackName">) =>
  lines.some((line) => /stack/i.test(line) && line.includes(stackName) && line.includes("does not exist"));

/** What a person reads of it: no frames of its code, no events but those that failed, no hints at its own makers. */
const isNews = (line: string) =>
  line.trim() !== "" &&
  !/^\s+at /.test(line) &&
  !/^\s*(Environment|Docs|Support|Bugs|Credentials|Node|OS):? /.test(line) &&
  !(stackEvent.test(line) && !/_FAILED - /.test(line));
