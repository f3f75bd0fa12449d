import * as z from "zod/mini";
import { associateElasticIp } from "./aws/addresses.ts";
import { registerTarget } from "./aws/elastic-load-balancing.ts";
import { codeOf, isPassing } from "./aws/errors.ts";
import { checkLease } from "./aws/lease.ts";
import { ResourceFailedError, TransientError } from "./core/errors.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { resourceOf, type ServerRef } from "./core/run.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  server: z.custom<ServerRef>(),
  launch: z.object({ value: z.object({ instance: z.string() }) }),
});

export type AttachResult = {
  /** Allocation id, or null when the plan has none for this server. */
  elasticIp: string | null;
  /** How many target groups have the instance now. */
  targetGroups: number;
};

/** Gives the launched instance its Elastic IP and its place in the target groups. Both are repeatable. */
export const attach = async (
  { run, lease, server, launch }: z.infer<typeof Input>,
  context: Context,
): Promise<AttachResult> => {
  const startedAt = context.now();
  await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);
  const { elasticIps, targetGroups } = resourceOf(plan, server.resource).launch;
  const { instance } = launch.value;
  const elasticIp = elasticIps[server.index] ?? null;

  if (elasticIp)
    await named(`${server.name}: Elastic IP ${elasticIp}`, () =>
      associateElasticIp(context.clients, run.target, elasticIp, instance),
    );
  for (const arn of targetGroups)
    await named(`${server.name}: target group ${arn}`, () =>
      registerTarget(context.clients, run.target, arn, instance),
    );

  const result = { elasticIp, targetGroups: targetGroups.length };
  await recordStep(context, run, "Attach", server.server, startedAt, "Attached", { instance, ...result });
  return result;
};

export const handler = step("attach", Input, attach);

/** A new instance is not known everywhere at once. [EC2dev:eventual-consistency] */
const notYet = new Set([
  "InvalidInstanceID.NotFound",
  "InvalidInstanceID",
  "IncorrectInstanceState",
  "InvalidTarget",
  "InvalidTargetException",
]);

const named = async (what: string, act: () => Promise<void>) => {
  try {
    await act();
  } catch (error) {
    if (isPassing(error)) throw error;
    const code = codeOf(error);
    const sentence = `${what}: ${code}: ${(error as Error).message}`;
    if (notYet.has(code)) throw new TransientError(sentence, "", { cause: error });
    throw new ResourceFailedError(sentence, "Free it or mend the plan's launch.", { cause: error });
  }
};
