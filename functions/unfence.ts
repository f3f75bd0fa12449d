import * as z from "zod/mini";
import { describeInstancesById, startInstances } from "./aws/ec2/instances.ts";
import { checkLease } from "./aws/store/lease.ts";
import { heldOf } from "./core/fence/undo-log.ts";
import { judgeUnfence, type LeftServer, mayResume, mayStart, thingOf } from "./core/fence/unfence.ts";
import type { Run } from "./core/model/run.ts";
import { withinPayload } from "./core/payload.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { askServers } from "./kinds/instances/fence/ask-servers.ts";
import { resumeGroups } from "./kinds/instances/fence/auto-scaling.ts";
import { reopenSubnets } from "./kinds/instances/fence/subnets.ts";
import type { Place } from "./kinds/instances/fence/undo-log.ts";
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
 * One look at the source, undoing what Fence wrote down, also when Fence itself refused: subnets get their ACL back,
 * servers that it found running are started, and when they run, Auto Scaling is resumed; nothing once the row says that
 * the application moved (law 2). Done when all is as it was, or asking again is of no use. Safe to run twice.
 */
export const unfence = async (
  { run, lease, unfence: before }: z.infer<typeof Input>,
  context: Context,
): Promise<UnfenceResult> => {
  const since = before ? new Date(before.value.since) : context.now();
  const polls = (before?.value.polls ?? 0) + 1;
  const row = await checkLease(context, run, lease.value);
  const held = (await context.store.held(run.application, run.source)).filter(({ by }) => by === run.name);
  const ids = heldOf(held, "server").flatMap(({ id, stopped }) => (stopped ? [id] : []));
  const [groups, subnets] = [heldOf(held, "group"), heldOf(held, "subnet")];
  const end = async (
    code: string,
    told: Pick<UnfenceResult, "done" | "waitSeconds" | "started" | "left" | "held" | "because">,
  ) => {
    const result = { polls, since: since.toISOString(), ...told };
    await recordStep(context, run, { state: "Unfence", startedAt: since, outcome: code, detail: result });
    context.log.info("unfence", { code, because: told.because });
    return result;
  };
  const nothing = { done: true, waitSeconds: 1, started: [], left: [], held: [] };
  if (row.active !== run.source)
    return end("Moved", { ...nothing, because: `${run.application} is active in ${row.active}: the fence stays` });
  if (ids.length + groups.length + subnets.length === 0)
    return end("Nothing", { ...nothing, because: "the fence stopped no server" });

  const token = `${run.application} ${lease.value.generation}`;
  const place: Place = { context, application: run.application, region: run.source, by: run.name, token };
  const reopened = await reopenSubnets(place, subnets);
  const servers = await start(context, run, ids);
  // a server that is cut off is not well either
  const isShut = reopened.length > 0;
  const hopeless = reopened.every(({ lasting }) => lasting) ? "never" : "later";
  const waits = isShut ? hopeless : "now";
  const resumed = await resumeGroups(place, groups, mayResume(servers, polls) ? waits : "later");
  const { action, code, ...told } = judgeUnfence(servers, polls, [...reopened, ...resumed]);
  const left = new Set([...told.left.map(({ server }) => server), ...told.held]);
  const undone = held.filter(({ kind, id }) => !left.has(kind === "server" ? id : thingOf({ kind, id })));
  if (action === "end") await context.store.forgetHeld(run.application, run.source, undone);
  return end(code, { done: action === "end", ...told });
};

export const handler = step("unfence", Input, withinPayload(unfence), {
  result: () => ({ done: true, polls: 1 }),
});

/** The servers as they are once those that may be started were asked to; law 3: a silent source is a fact, not an error. */
const start = async (context: Context, { source }: Run, ids: string[]): Promise<LeftServer[]> => {
  const { clients } = context;
  const listed = await attempt(context, "what is stopped", describeInstancesById(clients, source, ids, "optional"));
  const known = new Map(listed.value?.map(({ InstanceId, State }) => [InstanceId, State?.Name ?? "unknown"]));
  const stateOf = (server: string) => known.get(server) ?? (listed.value ? "gone" : "unknown");
  const open = ids.filter((server) => mayStart(stateOf(server)));
  const request = (some: string[]) => startInstances(clients, source, some, "optional");
  const { replies, problems } = await askServers(context, "start", open, request, 1);
  return ids.map((server) => ({
    server,
    state: replies.find(({ id }) => id === server)?.state ?? stateOf(server),
    problem: problems.get(server) ?? null,
  }));
};
