#!/usr/bin/env node
import { endWith } from "../terminal/ending.ts";
import { createOutput, printError } from "../terminal/output.ts";

const { argv, env, stderr, stdout, versions } = process;

// `lifeboat schema | head` closes the pipe early: no fault.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const args = argv.slice(2);
const output = createOutput(stdout, stderr, Boolean(env.NO_COLOR));
const fail = (error: unknown) => endWith(printError(error, output, args.includes("--json")));
process.on("uncaughtException", fail);

if (Number(versions.node.split(".")[0]) < 22) {
  output.error(`error: Lifeboat needs Node 22 or later (this is ${versions.node})`);
  output.error("next: install a later Node, or run: node lifeboat.mjs with one");
  await endWith(2);
}
const [{ program }, { breakingSilence }, { oldestWait }] = await Promise.all([
  import("./program.ts"),
  import("../terminal/silence.ts"),
  import("../terminal/waiting.ts"),
]);
// a rehearsal asks nobody, and writes past the output
const shown = args.includes("rehearse") ? output : breakingSilence(output, oldestWait).output;
await endWith(await program(args, shown));
