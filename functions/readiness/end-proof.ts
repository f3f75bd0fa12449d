import { tryReport } from "../aws/reports.ts";
import { deniedBy, judgeProof, type Tried } from "../core/readiness/proof.ts";
import { readError } from "../core/run/outcome.ts";
import { reportDenied } from "../operators/report-denied.ts";
import type { Context } from "../runtime/context.ts";
import type { DryStep } from "../runtime/prove.ts";

type Ended = { error?: { Error?: string; Cause?: string } };

/** Report's part in a dry execution: reports what is missing. Throws nothing: what no topic took, Release does not count as sent. */
export const tellProof = async ({ run, plan, input }: DryStep, context: Context): Promise<Tried[]> => {
  const { store, settings, clients } = context;
  const { error } = input as Ended;
  const ended = error ? deniedBy(readError(error)) : null;
  const before = await store.stepProofs(run.application, run.name);
  const own = [
    ...(ended ? [ended] : []),
    await tryReport(clients, settings.region, settings.bucket, run.application, before),
  ];
  const at = context.now().toISOString();
  const found = judgeProof(null, run, [...before, { step: "report", run: run.name, at, tried: own }]);
  if (await reportDenied(context, plan, found)) return own;
  return [...own, { ...undelivered, region: settings.region }];
};
const undelivered = { action: "sns:Publish", found: "denied" as const, because: "no topic took the message" };

/** Release's part: what was found counts once it was sent, and once the execution came this far; else the next hour tries again. */
export const endProof = async ({ run, input }: DryStep, { store }: Context): Promise<Tried[]> => {
  const steps = await store.stepProofs(run.application, run.name);
  const report = steps.find(({ step }) => step === "report");
  const isDelivered = report?.tried.every(({ because }) => because !== undelivered.because) ?? false;
  const { error } = input as Ended;
  const isPassing = error && !deniedBy(readError(error));
  if (!isDelivered || isPassing) return [];
  await store.saveProof(run.application, judgeProof(await store.proof(run.application), run, steps));
  return [];
};
