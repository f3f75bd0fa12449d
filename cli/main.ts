#!/usr/bin/env node
import { createOutput } from "./output.ts";
import { program } from "./program.ts";

// `lifeboat schema | head` closes the pipe early: no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const noColour = Boolean(process.env.NO_COLOR);
process.exitCode = await program(process.argv.slice(2), createOutput(process.stdout, process.stderr, noColour));
