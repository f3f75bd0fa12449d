import * as z from "zod/mini";
import { describeInstancesById, startInstances } from "./aws/ec2/instances.ts";
import { checkLease } from "./aws/store/lease.ts";
import { recordsOf } from "./core/fence/undo-log.ts";
import { judgeUnfence, type LeftServer, mayResume, mayStart, titleOf } from "./core/fence/unfence.ts";
import type { Run } from "./core/model/run.ts";
import { withinPayload } from "./core/payload.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { resumeGroups } from "./kinds/instances/fence/auto-scaling.ts";
import { requestServers } from "./kinds/instances/fence/request-servers.ts";
import { reopenSubnets } from "./kinds/instances/fence/subnets.ts";
import type { FenceTarget } from "./kinds/instances/fence/undo-log.ts";
import { attempt } from "./runtime/attempt.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  unfence: z.optional(z.object({ value: z.object({ polls: z.number(), since: z.string() }) })),
});

export type UnfenceResult = {
  done: boolean;
  polls: number;
  waitSeconds: number;
  /** Servers that were read back as running. */
  started: string[];
  left: LeftServer[];
  /** Subnets and Auto Scaling groups that are not as they were. */
  held: string[];
  because: string;
  /** First poll, ISO 8601. */
  since: string;
};

/**
 * One pass over the source that undoes what Fence wrote down, also when Fence itself refused: subnets get their ACL back,
 * servers that it found running are started, and when they run, Auto Scaling is resumed; nothing once the row says that
 * the application moved (invariant 2). Done when all is as it was, or a further try changes nothing. Safe to run twice.
 */
export const unfence = async (
  { run, lease, unfence: before }: z.infer<typeof Input>,
  context: Context,
): Promise<UnfenceResult> => {
  const since = before ? new Date(before.value.since) : context.now();
  const polls = (before?.value.polls ?? 0) + 1;
  const row = await checkLease(context, run, lease.value);
  const all = await context.store.fenceRecords(run.application, run.source);
  const records = all.filter(({ by }) => by === run.name);
  const ids = recordsOf(records, "server").flatMap(({ id, stopped }) => (stopped ? [id] : []));
  const [groups, subnets] = [recordsOf(records, "group"), recordsOf(records, "subnet")];
  const end = async (code: string, pass: Omit<UnfenceResult, "polls" | "since">) => {
    const result = { polls, since: since.toISOString(), ...pass };
    await recordStep(context, run, { state: "Unfence", startedAt: since, outcome: code, detail: result });
    context.log.info("unfence", { code, because: pass.because });
    return result;
  };
  const nothing = { done: true, waitSeconds: 1, started: [], left: [], held: [] };
  if (row.active !== run.source)
    return end("Moved", { ...nothing, because: `${run.application} is active in ${row.active}: the fence stays` });
  if (ids.length + groups.length + subnets.length === 0)
    return end("Nothing", { ...nothing, because: "the fence stopped no server" });

  const token = `${run.application} ${lease.value.generation}`;
  const target: FenceTarget = { context, application: run.application, region: run.source, by: run.name, token };
  const isolated = await reopenSubnets(target, subnets);
  const servers = await start(context, run, ids);
  // a server without network is not healthy either
  const blocked = isolated.every(({ lasting }) => lasting) ? "never" : "later";
  const ready = isolated.length > 0 ? blocked : "now";
  const suspended = await resumeGroups(target, groups, mayResume(servers, polls) ? ready : "later");
  const { action, code, ...pass } = judgeUnfence(servers, polls, [...isolated, ...suspended]);
  const left = new Set([...pass.left.map(({ server }) => server), ...pass.held]);
  const undone = records.filter(({ kind, id }) => !left.has(kind === "server" ? id : titleOf({ kind, id })));
  if (action === "end") await context.store.forgetFenceRecords(run.application, run.source, undone);
  return end(code, { done: action === "end", ...pass });
};

export const handler = step("unfence", Input, withinPayload(unfence), {
  result: () => ({ done: true, polls: 1 }),
});

/** Starts the servers that may be started; a source that does not answer is a fact, not an error (invariant 3). */
const start = async (context: Context, { source }: Run, ids: string[]): Promise<LeftServer[]> => {
  const { clients } = context;
  const listed = await attempt(context, "what is stopped", describeInstancesById(clients, source, ids, "optional"));
  const states = new Map(listed.value?.map(({ InstanceId, State }) => [InstanceId, State?.Name ?? "unknown"]));
  const stateOf = (server: string) => states.get(server) ?? (listed.value ? "gone" : "unknown");
  const startable = ids.filter((server) => mayStart(stateOf(server)));
  const request = (some: string[]) => startInstances(clients, source, some, "optional");
  const { replies, problems } = await requestServers(context, "start", startable, request, 1);
  return ids.map((server) => ({
    server,
    state: replies.find(({ id }) => id === server)?.state ?? stateOf(server),
    problem: problems.get(server) ?? null,
  }));
};
