import * as z from "zod/mini";
import type { Run } from "../model/run.ts";
import type { AbandonedRun } from "./abandoned-run.ts";

/** Parts of the machines' state that steps read. LoadPlan has checked the values; steps check only their presence. */
export const RunInput = z.pipe(
  z.custom<StoredRun>((value) => typeof (value as Run | undefined)?.application === "string"),
  z.transform((run): Run => ({ from: "primary", to: "recovery", ...run })),
);
/** A run that began under an older controller has no sides: what moved traffic then led from the primary to the recovery Region. */
type StoredRun = Omit<Run, "from" | "to"> & Partial<Pick<Run, "from" | "to">>;

export const LeaseInput = z.object({ value: z.object({ generation: z.number() }) });

/** `$.error` of a machine. */
export const ErrorInput = z.object({ Error: z.optional(z.string()), Cause: z.optional(z.string()) });

/** `$.inspect` of the machine `close`. */
export const AbandonedRunInput = z.object({
  value: z.object({
    closing: z.optional(z.custom<AbandonedRun>((value) => typeof (value as AbandonedRun | undefined)?.id === "string")),
  }),
});

/** Of `$.reroute`: what the run did to a set. */
export const ChangedInput = z.object({
  zone: z.string(),
  name: z.string(),
  type: z.string(),
  set: z.nullable(z.string()),
  before: z.array(z.string()),
  after: z.array(z.string()),
});
