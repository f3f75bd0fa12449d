import type { Context } from "../functions/runtime/context.ts";
import type { Output } from "./output.ts";
import type { Outside } from "./outside.ts";

export type RunOptions = { json: boolean; dryRun: boolean; endpointUrl?: string | undefined };

export type Given = { context: Context; output: Output; options: RunOptions; outside: Outside };
