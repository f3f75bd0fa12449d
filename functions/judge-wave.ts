import * as z from "zod/mini";
import { ResourceFailedError } from "./core/errors.ts";
import { RunInput } from "./core/inputs.ts";
import { resourceOf, type ServerRef } from "./core/run.ts";
import { type FailedServer, judgeWave as judge, type ServerResult } from "./core/wave.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  wave: z.object({
    index: z.number(),
    servers: z.array(z.custom<ServerRef>()),
    results: z.array(z.custom<ServerResult>()),
  }),
});

export type JudgeWaveResult = {
  /** Index of the next wave. */
  next: number;
  good: number;
  wanted: number;
  failed: FailedServer[];
};

/** Goes on when every resource of the wave has its minimum. Throws ResourceFailedError that names servers and causes. */
export const judgeWave = async ({ run, wave }: z.infer<typeof Input>, context: Context): Promise<JudgeWaveResult> => {
  const startedAt = context.now();
  const plan = await context.store.plan(run.application, run.planVersion);
  const names = [...new Set(wave.servers.map(({ resource }) => resource))];
  const resources = names.map((name) => resourceOf(plan, name));
  const { action, code, because, ...counts } = judge(wave.servers, wave.results, resources);

  await recordStep(context, run, "JudgeWave", `wave ${wave.index}`, startedAt, code, { because, ...counts });
  if (action === "fail")
    throw new ResourceFailedError(
      because,
      "Mend what the causes name and start the failover again; launched servers keep running.",
    );
  return { next: wave.index + 1, ...counts };
};

export const handler = step("judge-wave", Input, judgeWave);
