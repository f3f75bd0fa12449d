import { planJsonSchema } from "../functions/core/plan-schema.ts";
import type { ExitCode, Output } from "./output.ts";

/** Prints the plan's JSON Schema, for editors: one line with `json`, else indented. */
export const schema = ({ json }: { json: boolean }, output: Output): ExitCode => {
  output.out(JSON.stringify(planJsonSchema(), null, json ? 0 : 2));
  return 0;
};
