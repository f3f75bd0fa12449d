import * as z from "zod/mini";
import { describeInstances, describeInstancesById, type InstanceState, stopInstances } from "./aws/instances.ts";
import { checkLease } from "./aws/lease.ts";
import { RefusedError } from "./core/errors.ts";
import { type FencedServer, isProven, judgeFence, mayStop, stoppedByFence } from "./core/fence.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { limits } from "./core/limits.ts";
import type { Plan } from "./core/plan.ts";
import type { Run, ServerRef } from "./core/run.ts";
import { attempt } from "./runtime/attempt.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  preflight: z.object({ value: z.object({ waves: z.array(z.array(z.custom<ServerRef>())) }) }),
});

export type FenceResult = {
  fenced: boolean;
  at: string;
  sourceAnswered: boolean;
  servers: FencedServer[];
  /** Servers that this run found running and asked to stop: what Unfence starts again. */
  stopped: string[];
  because: string;
};

/**
 * Law 2: stops the source's servers and reads that back, each call once and for 3 s at most. A source that does not
 * answer is a fact, not an error; only `fence: required` turns it into a RefusedError. Safe to run twice.
 */
export const fence = async (
  { run, lease, preflight }: z.infer<typeof Input>,
  context: Context,
): Promise<FenceResult> => {
  const startedAt = context.now();
  await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);
  const planned = preflight.value.waves.flat().map(({ server }) => server);

  const before = await look(context, run, plan, planned);
  const open = [...before.states].filter(([, state]) => mayStop(state)).map(([server]) => server);
  const running = open.filter((server) => before.states.get(server) === "running");
  const remembered = await rememberStopped(context, run, running, startedAt);
  const asked = open.length > 0 ? await stop(context, run.source, open) : { answered: false, replies: [] };
  const answered = before.answered || asked.answered;
  const after = open.length > 0 && answered ? await readBack(context, run.source, open) : null;

  const stoppedNow = asked.replies.filter(({ state }) => state === "stopping").map(({ id }) => id);
  const stopped = [...new Set([...remembered, ...stoppedNow])].sort();
  const servers = [...before.states].map(([server, state]) => ({
    server,
    state: open.includes(server) ? stateAfter(server, asked.replies, after) : state,
  }));
  const policy = plan.recover.fence;
  const decision = judgeFence({ servers, answered, source: run.source, policy });
  const { fenced, because } = decision;
  const result = { fenced, at: context.now().toISOString(), sourceAnswered: answered, servers, stopped, because };
  await recordStep(context, run, "Fence", "", startedAt, decision.code, result);
  context.log.info("fence", { action: decision.action, code: decision.code, because });
  if (decision.action === "refuse")
    throw new RefusedError(
      `fence: ${because}`,
      "Stop the source's servers by hand, or set recover.fence to best-effort in the plan and deploy it.",
    );
  return result;
};

export const handler = step("fence", Input, fence);

/** The pinned points' servers, and whatever else the plan selects there now: also a server made after the points writes. */
const look = async (context: Context, run: Run, plan: Plan, planned: string[]) => {
  const { clients } = context;
  const alive = { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] };
  const selections = plan.protect.map(({ select }) => [
    ...Object.entries(select.tags).map(([tag, value]) => ({ Name: `tag:${tag}`, Values: [value] })),
    alive,
  ]);
  const byId = attempt(context, "servers by id", describeInstancesById(clients, run.source, planned, "optional"));
  const byTag = selections.map((filters) =>
    attempt(context, "servers by tag", describeInstances(clients, run.source, filters, "optional")),
  );
  const listed = await byId;
  const listings = await Promise.all(byTag);
  const states = new Map(planned.map((server) => [server, listed.value ? "gone" : "unknown"]));
  for (const instance of [listed, ...listings].flatMap(({ value }) => value ?? []))
    states.set(instance.InstanceId ?? "", instance.State?.Name ?? "unknown");
  return { states, answered: [...(planned.length > 0 ? [listed] : []), ...listings].some(({ answered }) => answered) };
};

/** Written ahead, since a second run of this step finds stopped what the first one stopped. */
const rememberStopped = async (context: Context, run: Run, running: string[], startedAt: Date) => {
  const ledger = await context.store.ledger(run.application, run.name);
  const stopped = [...new Set([...stoppedByFence(ledger), ...running])].sort();
  if (running.length > 0) await recordStep(context, run, "Fence", "", startedAt, "Stopping", { stopped });
  return stopped;
};

/** All at once; when EC2 refuses the whole for the sake of one server, each by itself. */
const stop = async (context: Context, source: string, ids: string[]) => {
  const ask = (some: string[]) => attempt(context, "stop", stopInstances(context.clients, source, some, "optional"));
  const all = await ask(ids);
  if (all.value || !all.answered || ids.length === 1) return { answered: all.answered, replies: all.value ?? [] };
  const each = await Promise.all(ids.slice(0, limits.mutatingCallsPerPass).map((id) => ask([id])));
  return { answered: true, replies: each.flatMap(({ value }) => value ?? []) };
};

/** The read that makes a stop a fact; asked twice, as the source has just answered. */
const readBack = async (context: Context, source: string, ids: string[]) => {
  const read = () => attempt(context, "read back", describeInstancesById(context.clients, source, ids, "optional"));
  const found = (await read()).value ?? (await read()).value;
  return found && new Map(found.map((instance) => [instance.InstanceId ?? "", instance.State?.Name ?? "unknown"]));
};

/** A listing may lag behind the reply to StopInstances; a reply alone, without a listing, proves nothing. */
const stateAfter = (server: string, replies: InstanceState[], after: Map<string, string> | null) => {
  if (!after) return "unknown";
  const listed = { server, state: after.get(server) ?? "gone" };
  const replied = { server, state: replies.find(({ id }) => id === server)?.state ?? "unknown" };
  return isProven(replied) && !isProven(listed) ? replied.state : listed.state;
};
