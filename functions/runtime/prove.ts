import type { Plan } from "../core/model/plan.ts";
import type { Run } from "../core/model/run.ts";
import type { Tried } from "../core/readiness/proof.ts";
import type { Context } from "./context.ts";

/** What a step of a dry execution has to go by. */
export type DryStep = { run: Run; plan: Plan; input: Record<string, unknown> };

/** How a step takes part in a dry execution: what it tries in place of its work, and what leads the machine on. */
export type Proving = {
  tries?: (proof: DryStep, context: Context) => Promise<Tried[]>;
  result?: (proof: DryStep) => Record<string, unknown>;
  /** What its work does with the table, beside GetItem and PutItem: each is a right of its own. */
  table?: ("Query" | "UpdateItem" | "BatchWriteItem")[];
};

/** The run that an event is of, when that is a dry one. */
export const dryRunOf = (event: unknown): Run | null => {
  const run = (event as { run?: Run } | null)?.run;
  return run?.proof === true ? run : null;
};

/**
 * One step of a dry execution, in place of its work: reads the plan, tries its rights with its own role, and writes what it
 * found. It holds no lease and changes nothing else. Safe to run twice.
 */
export const prove = async (name: string, run: Run, event: unknown, context: Context, proving: Proving) => {
  const { store, now } = context;
  const { application, planVersion } = run;
  // a warm container knows the plan, and would not ask the table for it
  const [plan] = await Promise.all([store.plan(application, planVersion), store.proof(application)]);
  const proof = { run, plan, input: event as Record<string, unknown> };
  const tried = (await proving.tries?.(proof, context)) ?? [];
  const found = { step: name, run: run.name, at: now().toISOString(), tried };
  await store.saveStepProof(run.application, found, "PutItem");
  for (const how of proving.table ?? [])
    await (how === "Query" ? store.stepProofs(application, run.name) : store.saveStepProof(application, found, how));
  context.log.info("rights tried", { step: name, tried });
  return proving.result?.(proof) ?? {};
};
