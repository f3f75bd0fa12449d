import * as z from "zod/mini";
import type { Run } from "./run.ts";

/** Parts of the machines' state that steps read. LoadPlan has checked the values; steps check only their presence. */
export const RunInput = z.custom<Run>((value) => typeof (value as Run | undefined)?.application === "string");
export const LeaseInput = z.object({ value: z.object({ generation: z.number() }) });
