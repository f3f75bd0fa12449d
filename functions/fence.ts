import * as z from "zod/mini";
import { RefusedError, TransientError } from "./core/errors.ts";
import { judgeFence, mayStopBehind } from "./core/fence/judge-fence.ts";
import { type FenceResult, fenceHint, summarizeFence } from "./core/fence/summary.ts";
import type { FenceRecord } from "./core/fence/undo-log.ts";
import { fenceChanges } from "./core/fence/unfence-summary.ts";
import type { Run, ServerRef } from "./core/model/run.ts";
import { withinPayload } from "./core/payload.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { fenceServers } from "./kinds/instances/fence/fence-servers.ts";
import { openUndoLog } from "./kinds/instances/fence/undo-log.ts";
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

/**
 * Invariant 2: suspends, stops or isolates what the source runs and reads that back, by short calls; comes again while servers
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
  const target = { context, application: run.application, region: run.source, by: run.name, token };
  const record = (outcome: string, detail: object) =>
    recordStep(context, run, { state: "Fence", startedAt: since, outcome, detail: { ...detail } });
  // for the report of a run that dies during this pass
  const onWrite = async (records: FenceRecord[]) => {
    const changes = fenceChanges(records, run.name);
    if (Object.values(changes).some(({ length }) => length > 0)) await record("Stopping", changes);
  };
  const [{ plan }, refs, undo] = await Promise.all([
    beginStep(context, run, lease.value),
    context.store.servers(run.application, run.name),
    openUndoLog(target, onWrite),
  ]);
  const policy = plan.recover.fence;

  const outcome = await fenceServers(target, undo, {
    plan,
    known: refs.map(({ server }) => server),
    typesFrom: [run.target, run.source],
    storesAmong: (unlisted) => storesAmong(context, run, refs, unlisted),
    mayAct: async ({ problems }) => problems.length === 0,
    mayStop: (groups) => mayStopBehind(groups, policy),
  });

  const now = context.now();
  const seconds = (now.getTime() - since.getTime()) / 1_000;
  const verdict = judgeFence({ ...outcome, source: run.source, policy, seconds });
  const result = summarizeFence(outcome, verdict, undo.records, { by: run.name, polls, since, now });
  const { action, code, because } = verdict;
  await record(code, result);
  context.log.info("fence", { action, code, because });
  if (action !== "again" && action !== "refuse") return result;
  throw new (action === "again" ? TransientError : RefusedError)(`fence: ${because}`, fenceHint(run.source, outcome));
};

export const handler = step("fence", Input, withinPayload(fence), {
  table: ["Query", "BatchWriteItem"],
  tries: proveFence,
  result: () => ({ done: true, polls: 1 }),
});

/** From the manifests of the points, which know what the servers were: EC2 lists none of these. */
const storesAmong = async ({ store }: Context, run: Run, refs: ServerRef[], unlisted: string[]) => {
  const points = [...new Set(refs.filter(({ server }) => unlisted.includes(server)).map(({ point }) => point))];
  const manifests = await Promise.all(points.map((point) => store.manifests(run.application, point)));
  return new Set(
    manifests.flat().flatMap(({ server, instanceStoreVolumes }) => (instanceStoreVolumes ? [server] : [])),
  );
};
