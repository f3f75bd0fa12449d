import * as z from "zod/mini";
import { ResourceFailedError } from "./core/errors.ts";
import { resourceOf } from "./core/model/run.ts";
import { isOpen } from "./core/model/server.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { judgeWave as judge, judgeLate } from "./core/run/wave.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput, lease: LeaseInput, wave: z.object({ index: z.number() }) });

export type JudgeWaveResult = {
  /** Index of the next wave. */
  next: number;
  /** So many servers of the waves so far are neither good nor lost. */
  late: number;
  good: number;
  wanted: number;
};

const noCapacity = /InsufficientInstanceCapacity/;
const addPlaces = "Add launch.instanceTypes or launch.subnets to the plan, or reserve capacity, deploy it";

/** One item of the ledger has room for so many. */
const failedMax = 200;

/**
 * Goes on when every resource of the wave has its minimum. After the last wave it tells what became of the late ones.
 * Throws ResourceFailedError that names servers and causes. Safe to run twice.
 */
export const judgeWave = async (
  { run, lease, wave }: z.infer<typeof Input>,
  context: Context,
): Promise<JudgeWaveResult> => {
  const startedAt = context.now();
  const [{ plan }, servers] = await Promise.all([
    beginStep(context, run, lease.value),
    context.store.servers(run.application, run.name),
  ]);
  const names = plan.recover.waves[wave.index];
  const record = (subject: string, code: string, detail: Record<string, unknown>) =>
    recordStep(context, run, { state: "JudgeWave", subject, startedAt, outcome: code, detail });
  if (!names) {
    const { because, failed } = judgeLate(servers);
    await record("late servers", failed.length ? "Partial" : "Served", { because, failed: failed.slice(0, failedMax) });
    return { next: wave.index, late: 0, good: 0, wanted: 0 };
  }
  const own = servers.filter((server) => server.wave === wave.index);
  const resources = [...new Set(own.map(({ resource }) => resource))].map((name) => resourceOf(plan, name));
  const { action, code, because, good, wanted, failed, late } = judge(own, resources);
  await record(`wave ${wave.index}`, code, { because, good, wanted, late, failed: failed.slice(0, failedMax) });
  if (action === "fail")
    throw new ResourceFailedError(
      because,
      `${noCapacity.test(because) ? addPlaces : "Fix these causes"} and start the failover again; launched servers keep running.`,
    );
  for (const server of own.filter((one) => isOpen(one) && !one.late))
    await context.store.saveServer(run.application, run.name, { ...server, late: true });
  const open = servers.filter((server) => server.wave <= wave.index && isOpen(server)).length;
  return { next: wave.index + 1, late: open, good, wanted };
};

export const handler = step("judge-wave", Input, judgeWave, {
  table: ["Query"],
  result: ({ input }) => ({ next: ((input.wave as { index?: number } | undefined)?.index ?? 0) + 1, late: 0 }),
});
