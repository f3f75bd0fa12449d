import * as z from "zod/mini";
import { codeOf, passesByItself } from "./aws/calls/errors.ts";
import { sentenceOf } from "./core/readiness/proof.ts";
import { failedCheck } from "./core/readiness/readiness.ts";
import { assessReadiness } from "./kinds/instances/readiness/readiness.ts";
import { testTopics } from "./readiness/test-topics.ts";
import type { Context } from "./runtime/context.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ application: z.string() });

export type ReadinessResult = { ready: boolean; because: string[] } | { dropped: string };

/**
 * The hourly readiness check: would a failover work, if it were needed now? Writes its result into the table, where detect reads it
 * for the alarm, and `lifeboat status` for an operator; changes nothing else. Not during a run, which checks the same by itself.
 * Safe to run twice.
 */
export const readiness = async ({ application }: z.infer<typeof Input>, context: Context): Promise<ReadinessResult> => {
  const { store, settings, log } = context;
  const { planVersion, row, proof, readiness: last } = await store.watched(application);
  if (!planVersion || !row) return { dropped: `${application} has no plan in this Region` };
  if (row.run) return { dropped: `${row.run.name} is moving ${application}` };

  const plan = await store.plan(application, planVersion);
  const tested = await testTopics(context, plan, last?.tested ?? {}, proof?.since ?? null);
  const account = settings.failoverMachine.split(":")[4] ?? "";
  const found = await assessReadiness(context, plan, account, { planVersion, row, proof, tested }).catch(
    async (error) => {
      const because = passesByItself(error) ? null : sentenceOf(`${codeOf(error)}: ${(error as Error).message}`);
      const noted = failedCheck(context.now(), last, tested, because);
      if (noted) await store.saveReadiness(application, noted);
      throw error;
    },
  );

  await store.saveReadiness(application, found);
  const { ready, problems, waiting, warnings } = found;
  log[ready ? "info" : "warn"](ready ? "ready" : "not ready", { application, problems, waiting, warnings });
  return { ready, because: [...problems, ...waiting] };
};

export const handler = step("readiness", Input, readiness);
