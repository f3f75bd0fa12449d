import { splitHint } from "../errors.ts";
import { servesWhereProtected } from "../model/direction.ts";
import type { Plan } from "../model/plan.ts";
import type { Phase, Row } from "../model/row.ts";

export type Outcome = "succeeded" | "failed" | "refused" | "partial";
export type ReportedError = { name: string; message: string; hint: string };

/** `$.error` of a machine: `Cause` is what Lambda makes of an error (JSON), or a plain sentence. Never throws. */
export const readError = (error: { Error?: string | undefined; Cause?: string | undefined }): ReportedError => {
  const name = error.Error || "UnknownError";
  return { name, ...splitHint(messageIn(error.Cause ?? "") || name) };
};

const messageIn = (cause: string) => {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === "string" ? errorMessage : cause;
  } catch {
    return cause;
  }
};

/** `incomplete`: the run reached its end, but not for everything. */
export const judgeOutcome = (error: ReportedError | null, incomplete: boolean): Outcome => {
  if (!error) return incomplete ? "partial" : "succeeded";
  return error.name === "RefusedError" || error.name === "LeaseHeldError" ? "refused" : "failed";
};

/** Where the row goes when the lease of a run is given back: the active Region decides, not the intent of the run. */
export const phaseAfter = (plan: Pick<Plan, "regions">, row: Row): Phase => {
  if (!servesWhereProtected(plan, row)) return "failedOver";
  const before = row.run?.phaseBefore ?? "protected";
  return before === "running" ? "protected" : before;
};
