import { copyWaitSeconds } from "../../core/copy-queue.ts";
import { limits } from "../../core/limits.ts";
import type { Run } from "../../core/run.ts";
import type { VolumeProgress, VolumeState } from "../../core/volume-progress.ts";
import type { Context } from "../../runtime/context.ts";
import { recordStep } from "../../runtime/ledger.ts";
import { readReplication } from "./replication.ts";

export type ReplicateProgress = {
  /** Nothing is pending, and nothing can be started. */
  done: boolean;
  /** Copy has something to do: a copy may start, with a slot for it, or a point has become whole. */
  work: boolean;
  polls: number;
  pending: number;
  completed: number;
  failed: number;
  waitSeconds: number;
};

type Input = {
  run: Run;
  copy?: { value: { refused: Record<string, string> } } | undefined;
  progress?: { value: { polls: number } } | undefined;
};

const failing: VolumeState[] = ["failed", "lost", "untaken", "unknown"];

/** Volumes that the ledger names. */
const toldMax = 20;

/** How far the copies of all open points are. Reads only. */
export const replicateProgress = async (
  { run, copy, progress }: Input,
  context: Context,
): Promise<ReplicateProgress> => {
  const startedAt = context.now();
  const plan = await context.store.plan(run.application, run.planVersion);
  const { watched } = await readReplication(context, run, plan, "open");
  const volumes = watched.flatMap((one) => one.volumes);

  const refused = copy?.value.refused ?? {};
  const isRefused = ({ state, point }: VolumeProgress) => state === "ready" && point.resource in refused;
  const pending = volumes.filter(({ state }) => state === "snapshotting" || state === "copying");
  const ready = volumes.filter((volume) => volume.state === "ready" && !isRefused(volume));
  const failed = volumes.filter((volume) => failing.includes(volume.state) || isRefused(volume));
  const visible = pending.flatMap(({ source, copy }) => copy ?? source ?? []);
  const copying = volumes.filter(({ state }) => state === "copying").length;
  const isWhole = watched.some((one) => one.volumes.every(({ state }) => state === "copied"));
  const result: ReplicateProgress = {
    done: pending.length + ready.length === 0,
    work: (ready.length > 0 && copying < limits.copySlots) || isWhole,
    polls: (progress?.value.polls ?? 0) + 1,
    pending: pending.length + ready.length,
    completed: volumes.filter(({ state }) => state === "copied").length,
    failed: failed.length,
    waitSeconds: copyWaitSeconds(visible, ready.length > 0, pending.length - visible.length, context.now()),
  };
  if (!result.done) return result;
  await recordStep(context, run, "CheckProgress", "", startedAt, failed.length ? "Incomplete" : "Copied", {
    completed: result.completed,
    failed: failed.slice(0, toldMax).map(({ volume }) => volume.volume),
    because:
      failed.slice(0, 1).map(({ point, because }) => `${point.id}: ${refused[point.resource] ?? because}`)[0] ?? null,
  });
  return result;
};
