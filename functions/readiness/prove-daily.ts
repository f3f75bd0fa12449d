import { startOnce } from "../aws/executions.ts";
import type { Watched } from "../aws/store/detect-items.ts";
import type { VerdictCode } from "../core/detect/verdict.ts";
import { servesWhereProtected } from "../core/model/direction.ts";
import type { Plan } from "../core/model/plan.ts";
import { isDenial, isProofDue, judgeProof, proofAgeSeconds, proofRunName } from "../core/readiness/proof.ts";
import { reportDenied } from "../operators/report-denied.ts";
import type { Context } from "../runtime/context.ts";

/**
 * Starts the failover machine dry, once a day, with detect's own right to start it; not while anything is wrong, or served
 * elsewhere, or moved. A start that is denied is reported at once, and each day. Its failure is never one of the evaluation.
 */
export const proveDaily = async (
  context: Context,
  plan: Plan,
  { row, proof }: Pick<Watched, "row" | "proof">,
  verdict: VerdictCode,
): Promise<void> => {
  const { clients, settings, store, metrics, log } = context;
  const { application } = plan;
  const now = context.now();
  if (!row || row.run || !servesWhereProtected(plan, row)) return;
  // a plan that was deployed before there were proofs
  if (!proof) await store.beginProof(application, now, "absent");
  const age = proofAgeSeconds(proof, now);
  if (age !== null) metrics.add("ProofAge", "Seconds", age, { Application: application });
  if (verdict !== "Healthy" || !isProofDue(proof, now)) return;
  const name = proofRunName(application, now);
  try {
    const input = { application, proof: true };
    await startOnce(clients, settings.region, { machine: settings.failoverMachine, name, input });
  } catch (error) {
    const { name: code, message } = error as Error;
    log.warn("proof not started", { code, because: message });
    if (isDenial(code)) await denied(context, plan, proof, `${code}: ${message}`);
  }
};

const denied = async (context: Context, plan: Plan, before: Watched["proof"], because: string) => {
  const { settings, store } = context;
  const at = context.now().toISOString();
  const action = "states:StartExecution";
  const tried = [{ action, region: settings.region, found: "denied" as const, because }];
  const found = judgeProof(before, { name: "", startedAt: at }, [{ step: "detect", run: "", at, tried }]);
  if (await reportDenied(context, plan, { ...found, run: null }))
    await store.saveProof(plan.application, { ...found, run: null });
};
