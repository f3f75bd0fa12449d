import type { Plan } from "../core/model/plan.ts";
import { deniedMessage, type Proof } from "../core/readiness/proof.ts";
import type { Context } from "../runtime/context.ts";
import { isHeard, notify } from "./notify.ts";

/** Tells the topics which rights a failover lacks, whatever `notify.on` says. False when no topic took it. */
export const reportDenied = async (
  context: Context,
  plan: Plan,
  found: Pick<Proof, "run" | "denied">,
): Promise<boolean> => {
  if (found.denied.length === 0) return true;
  return isHeard(
    await notify(context, plan, "question", deniedMessage(plan.application, context.settings.region, found)),
  );
};
