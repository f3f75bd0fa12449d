import * as z from "zod/mini";
import { RefusedError, TransientError } from "./core/errors.ts";
import { type FencedServer, fenceWaitSeconds, judgeFence, mayStopBehind, remediesOf } from "./core/fence/fence.ts";
import type { Held } from "./core/fence/undo-log.ts";
import { type FenceDone, fenceDone } from "./core/fence/unfence.ts";
import type { Run, ServerRef } from "./core/model/run.ts";
import { withinPayload } from "./core/payload.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { fenceServers } from "./kinds/instances/fence/fence-servers.ts";
import { openMemory } from "./kinds/instances/fence/undo-log.ts";
import { proveFence } from "./kinds/instances/readiness/prove-fence.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  fence: z.optional(z.object({ value: z.object({ polls: z.number(), since: z.string() }) })),
});

export type FenceResult = {
  /** False while servers shut down, or `required` waits for the source: the step is run again after `waitSeconds`. */
  done: boolean;
  polls: number;
  waitSeconds: number;
  /** First pass, ISO 8601. */
  since: string;
  fenced: boolean;
  at: string;
  sourceAnswered: boolean;
  servers: FencedServer[];
  because: string;
} & FenceDone;

/**
 * Law 2: suspends, stops or isolates what the source runs and reads that back, by short calls; comes again while servers
 * shut down, for they serve until they have. A source that does not answer is a fact, not an error; only
 * `fence: required` turns it into a RefusedError, after `limits.fenceSeconds`. One that answers, but whose servers are
 * not proven to be fenced, is a TransientError, and a RefusedError when AWS refuses for good, or when a server can be
 * neither stopped nor isolated. Safe to run twice.
 */
export const fence = async (
  { run, lease, fence: before }: z.infer<typeof Input>,
  context: Context,
): Promise<FenceResult> => {
  const startedAt = context.now();
  const since = before ? new Date(before.value.since) : startedAt;
  const polls = (before?.value.polls ?? 0) + 1;
  const token = `${run.application} ${lease.value.generation}`;
  const place = { context, application: run.application, region: run.source, by: run.name, token };
  // for the report of a run that dies in here
  const written = async (held: Held[]) => {
    const doing = fenceDone(held, run.name);
    if (doing.stopped.length + doing.suspended.length + doing.isolated.length > 0)
      await recordStep(context, run, { state: "Fence", startedAt: since, outcome: "Stopping", detail: doing });
  };
  const [{ plan }, refs, memory] = await Promise.all([
    beginStep(context, run, lease.value),
    context.store.servers(run.application, run.name),
    openMemory(place, written),
  ]);
  const policy = plan.recover.fence;

  const found = await fenceServers(place, memory, {
    plan,
    known: refs.map(({ server }) => server),
    typesFrom: [run.target, run.source],
    storesAmong: (unlisted) => storesAmong(context, run, refs, unlisted),
    mayAct: async ({ problems }) => problems.length === 0,
    mayStop: (groups) => mayStopBehind(groups, policy),
  });

  const { servers, answered } = found;
  const seconds = (context.now().getTime() - since.getTime()) / 1_000;
  const { action, code, fenced, because } = judgeFence({ ...found, source: run.source, policy, seconds });
  const result: FenceResult = {
    done: action !== "wait",
    polls,
    waitSeconds: fenceWaitSeconds(seconds),
    since: since.toISOString(),
    fenced,
    at: context.now().toISOString(),
    sourceAnswered: answered,
    servers,
    because,
    ...fenceDone(memory.held, run.name),
  };
  await recordStep(context, run, { state: "Fence", startedAt: since, outcome: code, detail: result });
  context.log.info("fence", { action, code, because });
  if (action !== "again" && action !== "refuse") return result;
  const hint = `${remediesOf(run.source, found.unstoppable) || byHand} Then start the failover again.`;
  throw new (action === "again" ? TransientError : RefusedError)(`fence: ${because}`, hint);
};

const byHand = "Stop the source's servers by hand, or make the plan's recover.fence fit.";

export const handler = step("fence", Input, withinPayload(fence), {
  table: ["Query", "BatchWriteItem"],
  tries: proveFence,
  result: () => ({ done: true, polls: 1 }),
});

/** From the manifests of the points, which know what the servers were: EC2 tells nothing of these. */
const storesAmong = async ({ store }: Context, run: Run, refs: ServerRef[], unlisted: string[]) => {
  const points = [...new Set(refs.filter(({ server }) => unlisted.includes(server)).map(({ point }) => point))];
  const manifests = await Promise.all(points.map((point) => store.manifests(run.application, point)));
  return new Set(
    manifests.flat().flatMap(({ server, instanceStoreVolumes }) => (instanceStoreVolumes ? [server] : [])),
  );
};
