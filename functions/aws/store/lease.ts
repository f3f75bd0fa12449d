import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { deployIt } from "../../core/command-line.ts";
import { LeaseHeldError, RefusedError, StaleLeaseError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { Phase, ProtectLease, Row, RunLease } from "../../core/model/row.ts";
import type { Run } from "../../core/model/run.ts";
import type { Clients } from "../calls/clients.ts";
import type { Store } from "./store.ts";
import type { Table } from "./table.ts";

/** What a mutating step must still hold when it begins (invariant 1). */
export type Lease = { generation: number };

type Outside = { clients: Clients; store: Store; table: Table; now: () => Date };

/** Attribute of the row that holds the lease of replicate or rotate; null for a machine that moves the application. */
export const protectLease = (machine: string): "protect" | "rotate" | null => {
  if (machine === "replicate") return "protect";
  return machine === "rotate" ? "rotate" : null;
};

const rowKey = (application: string) => ({ pk: application, sk: "row" });

export const readRow = async ({ store }: Outside, application: string): Promise<Row> => {
  const row = await store.row(application);
  if (row) return row;
  throw new RefusedError(`${application} has no state record in this Region`, `Deploy the plan: ${deployIt}.`);
};

/** Invariant 1: one consistent read at the start of every mutating step. Throws StaleLeaseError when the lease has moved on. */
export const checkLease = async (outside: Outside, run: Run, { generation }: Lease): Promise<Row> => {
  const row = await readRow(outside, run.application);
  const own = protectLease(run.machine);
  const held = own
    ? row[own]?.id === run.id && row.run === null
    : row.run?.id === run.id && row.generation === generation;
  if (held) return row;
  const holder = row.run?.name ?? row[own ?? "protect"]?.name ?? "nobody";
  throw new StaleLeaseError(
    `${run.name} no longer holds the lease of ${run.application}: it belongs to ${holder}`,
    "Nothing to do: this execution stops; see the run that holds the lease.",
  );
};

/**
 * Takes the lease of a run, or finds that this run has it already (the same generation then). A lease of a dead
 * execution is taken over once its longest step can no longer be at work.
 */
export const acquireRun = async (outside: Outside, run: Run, points: Record<string, string>): Promise<Row> => {
  const row = await readRow(outside, run.application);
  if (row.run?.id === run.id) return row;
  if (row.run && !(await isDead(outside, row.run.id))) throw heldBy(row.run, run);

  const lease: RunLease = {
    id: run.id,
    name: run.name,
    machine: run.machine,
    acquiredAt: outside.now().toISOString(),
    phaseBefore: row.run ? row.run.phaseBefore : row.phase,
    points,
  };
  const generation = row.generation + 1;
  const unchanged = row.run ? { equal: ["run.id", row.run.id] as [string, string] } : { absent: "run" };
  const taken = await outside.table.update(
    rowKey(run.application),
    { set: { run: lease, generation, phase: "running" } },
    { all: [{ equal: ["generation", row.generation] }, unchanged] },
  );
  if (taken) return { ...row, run: lease, generation, phase: "running" };
  const now = await readRow(outside, run.application);
  if (now.run?.id === run.id) return now;
  throw heldBy(now.run ?? lease, run);
};

/** Writes what a run has pinned, while it holds the lease. Throws StaleLeaseError when that has moved on. */
export const repin = async ({ table }: Outside, run: Run, { generation }: Lease, held: RunLease): Promise<void> => {
  const written = await table.update(
    rowKey(run.application),
    { set: { run: held } },
    { all: [{ equal: ["run.id", run.id] }, { equal: ["generation", generation] }] },
  );
  if (!written)
    throw new StaleLeaseError(`${run.name} lost the lease of ${run.application} before it pinned its points`);
};

/** Takes the lease of replicate or rotate, or says who has it. A run in progress, or a live one of its own kind, keeps it. */
export const acquireProtect = async (outside: Outside, run: Run): Promise<{ row: Row; because: string | null }> => {
  const own = protectLease(run.machine) ?? "protect";
  const row = await readRow(outside, run.application);
  const holder = row[own];
  if (row.run) return { row, because: `${row.run.name} is moving ${run.application}` };
  if (row.phase === "failedOver") return { row, because: `${run.application} has moved to ${row.active}` };
  if (holder?.id === run.id) return { row, because: null };
  if (holder && !(await isDead(outside, holder.id))) return { row, because: `${holder.name} is still at work` };

  const lease: ProtectLease = {
    id: run.id,
    name: run.name,
    machine: run.machine,
    acquiredAt: outside.now().toISOString(),
  };
  const unchanged = holder ? { equal: [`${own}.id`, holder.id] as [string, string] } : { absent: own };
  const taken = await outside.table.update(
    rowKey(run.application),
    { set: { [own]: lease } },
    { all: [{ absent: "run" }, unchanged] },
  );
  if (taken) return { row: { ...row, [own]: lease }, because: null };
  const now = await readRow(outside, run.application);
  return now[own]?.id === run.id && !now.run
    ? { row: now, because: null }
    : { row: now, because: `${now.run?.name ?? now[own]?.name ?? "another execution"} took the lease first` };
};

/** Gives back what `id` holds, if it still does; the row ends in `phase`. Safe to run twice. */
export const releaseRun = async ({ table }: Outside, application: string, id: string, end: RunEnd) => {
  await table.update(
    rowKey(application),
    { set: { phase: end.phase, ...(end.lastRun && { lastRun: end.lastRun }) }, remove: ["run"] },
    { equal: ["run.id", id] },
  );
};
/** Notes that the move of the last run is finished, unless another run was there since. */
export const finishMove = async ({ table }: Outside, { application, lastRun }: Row) => {
  if (!lastRun) return;
  const { unfinished: _, ...finished } = lastRun;
  await table.update(
    rowKey(application),
    { set: { lastRun: finished } },
    { all: [{ equal: ["lastRun.id", lastRun.id] }, { absent: "run" }] },
  );
};
export type RunEnd = { phase: Phase; lastRun: Row["lastRun"] };

export const releaseProtect = async (
  { table }: Outside,
  application: string,
  id: string,
  own: "protect" | "rotate" = "protect",
) => {
  await table.update(rowKey(application), { remove: [own] }, { equal: [`${own}.id`, id] });
};

/** The write that moves an application: the row says so before any traffic does. Throws when the lease has moved on. */
export const moveTo = async ({ table }: Outside, run: Run, lease: Lease, to: { active: string; switch: 0 | 1 }) => {
  const moved = await table.update(
    rowKey(run.application),
    { set: to },
    { all: [{ equal: ["run.id", run.id] }, { equal: ["generation", lease.generation] }] },
  );
  if (!moved)
    throw new StaleLeaseError(`${run.name} lost the lease of ${run.application} before it moved the application`);
};

export type Ending = { status: string; stoppedAt: Date; error: string | null; cause: string | null };

/** How an execution ended, or null while it runs. An execution that Step Functions no longer knows has ended long ago. */
export const endingOf = async ({ clients }: Outside, id: string): Promise<Ending | null> => {
  try {
    const found = await clients(SFNClient, regionOf(id)).send(new DescribeExecutionCommand({ executionArn: id }));
    if (found.status === "RUNNING" || found.status === "PENDING_REDRIVE") return null;
    return {
      status: found.status ?? "FAILED",
      stoppedAt: found.stopDate ?? new Date(0),
      error: found.error ?? null,
      cause: found.cause ?? null,
    };
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist")
      return { status: "FAILED", stoppedAt: new Date(0), error: error.name, cause: null };
    throw error;
  }
};

const regionOf = (arn: string) => arn.split(":")[3] ?? "";

const isDead = async (outside: Outside, id: string) => {
  const ending = await endingOf(outside, id);
  return ending !== null && outside.now().getTime() - ending.stoppedAt.getTime() > limits.longestStepSeconds * 1_000;
};

const heldBy = (holder: RunLease, run: Run) =>
  new LeaseHeldError(
    `${holder.name} holds the lease of ${run.application} since ${holder.acquiredAt}`,
    `Wait until it has ended: execution ${holder.name} of lifeboat-${holder.machine}, in the Step Functions console of ${regionOf(holder.id)}.`,
  );
