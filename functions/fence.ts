import * as z from "zod/mini";
import { describeInstances, describeInstancesById, type InstanceState, stopInstances } from "./aws/instances.ts";
import { checkLease } from "./aws/lease.ts";
import { RefusedError, TransientError } from "./core/errors.ts";
import { type FencedServer, isProven, judgeFence, mayStop, stoppedByFence } from "./core/fence.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { Plan } from "./core/plan.ts";
import type { Run, ServerRef } from "./core/run.ts";
import { askServers } from "./runtime/ask-servers.ts";
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
 * Law 2: stops the source's servers and reads that back, by short calls. A source that does not answer is a fact, not
 * an error; only `fence: required` turns it into a RefusedError. One that answers, but whose servers are not proven to be
 * stopped, is a TransientError, and a RefusedError when EC2 refuses for good. Safe to run twice.
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
  const asked = await stop(context, run.source, open, before.answered);
  const answered = before.answered || asked.answered;
  const after = open.length > 0 && answered ? await readBack(context, run.source, open) : null;

  const stoppedNow = asked.replies.filter(({ state }) => state === "stopping").map(({ id }) => id);
  const stopped = [...new Set([...remembered, ...stoppedNow])].sort();
  const servers = [...before.states].map(([server, state]) => ({
    server,
    state: open.includes(server) ? stateAfter(server, asked.replies, after) : state,
  }));
  const policy = plan.recover.fence;
  const decision = judgeFence({ servers, answered, stop: asked, source: run.source, policy });
  const { fenced, because } = decision;
  const result = { fenced, at: context.now().toISOString(), sourceAnswered: answered, servers, stopped, because };
  await recordStep(context, run, "Fence", "", startedAt, decision.code, result);
  context.log.info("fence", { action: decision.action, code: decision.code, because });
  if (decision.action === "again") throw new TransientError(`fence: ${because}`, byHand);
  if (decision.action === "refuse") throw new RefusedError(`fence: ${because}`, byHand);
  return result;
};

const byHand =
  "Stop the source's servers by hand, or make the plan's recover.fence fit; then start the failover again.";

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

/** Twice if only the listing was answered. */
const stop = async (context: Context, source: string, ids: string[], listed: boolean) => {
  const request = (some: string[]) => stopInstances(context.clients, source, some, "optional");
  const { problems, ...asked } = await askServers(context, "stop", ids, request, listed ? 2 : 1);
  return { ...asked, refused: [...problems.values()].some(({ lasting }) => lasting) };
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
