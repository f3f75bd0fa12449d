import type { Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { answer } from "./approve.ts";
import type { DeployedOptions } from "./deployed.ts";

/** Stops the run that waits, before it moves anything. */
export const withhold = (target: string, options: DeployedOptions, output: Output, outside: Outside) =>
  answer(false, target, options, output, outside);
