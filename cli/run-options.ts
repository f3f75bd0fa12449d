import type { Context } from "../functions/runtime/context.ts";
import type { Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";

export type RunOptions = { json: boolean; dryRun: boolean; endpointUrl?: string | undefined };

export type Session = { context: Context; output: Output; options: RunOptions; outside: Outside };
