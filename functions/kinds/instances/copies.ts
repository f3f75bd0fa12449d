import { codeOf, isPassing } from "../../aws/errors.ts";
import { describeKey } from "../../aws/kms.ts";
import { copySnapshot } from "../../aws/snapshots.ts";
import { createBudget } from "../../core/budget.ts";
import { limits } from "../../core/limits.ts";
import { tagKeys } from "../../core/names.ts";
import type { Plan } from "../../core/plan.ts";
import { type Run, resourceOf } from "../../core/run.ts";
import type { VolumeProgress } from "../../core/volume-progress.ts";
import type { Context } from "../../runtime/context.ts";

/** `refused`: resource -> why AWS will not copy for it; nothing more is started for it in this pass. */
export type Started = { started: number; refused: Record<string, string> };

/** The source is not what the listing said: the next one shows what became of it. */
const changed = ["InvalidSnapshot.NotFound", "IncorrectState"];

/**
 * Starts these copies, in this order, until a slot, the budget or the API says no. A reply that was lost ends the
 * invocation's starting too: the copy may exist, and the next listing shows it before it is asked for again (law 5).
 */
export const startCopies = async (
  context: Context,
  run: Run,
  plan: Plan,
  wanted: VolumeProgress[],
): Promise<Started> => {
  const budget = createBudget(limits.mutatingCallsPerPass, limits.startingSeconds, context.now);
  const { keys, refused } = await keysOf(context, run, plan, wanted);
  let started = 0;
  for (const one of wanted) {
    const { resource } = one.point;
    if (resource in refused) continue;
    if (!budget.take()) break;
    const source = { region: run.source, snapshot: one.volume.sourceSnapshot ?? "" };
    try {
      await copySnapshot(context.clients, run.target, source, keys.get(resource) ?? null, tagsOf(run, one));
      started += 1;
    } catch (error) {
      const code = codeOf(error);
      context.log.warn("copy not started", { ...source, code, message: (error as Error).message });
      if (isPassing(error)) break;
      if (!changed.includes(code)) refused[resource] = `${source.snapshot}: ${code}: ${(error as Error).message}`;
    }
  }
  return { started, refused };
};

/** Encryption keys by resource, as ARNs. A key that cannot be used now would show only as copies in `error`. */
const keysOf = async ({ clients }: Context, run: Run, plan: Plan, wanted: VolumeProgress[]) => {
  const keys = new Map<string, string>();
  const refused: Record<string, string> = {};
  for (const name of new Set(wanted.map(({ point }) => point.resource))) {
    const { encryptKey } = resourceOf(plan, name);
    if (!encryptKey) continue;
    try {
      const { arn, state } = await describeKey(clients, run.target, encryptKey);
      if (state === "Enabled") keys.set(name, arn);
      else refused[name] = `key ${encryptKey} in ${run.target} is ${state}, not Enabled`;
    } catch (error) {
      if (isPassing(error)) throw error;
      refused[name] = `key ${encryptKey} in ${run.target}: ${codeOf(error)}: ${(error as Error).message}`;
    }
  }
  return { keys, refused };
};

const tagsOf = (run: Run, { point, server, volume, takenAt, source }: VolumeProgress) => ({
  [tagKeys.application]: run.application,
  [tagKeys.resource]: point.resource,
  [tagKeys.point]: point.id,
  [tagKeys.server]: server,
  [tagKeys.volume]: volume.volume,
  [tagKeys.device]: volume.device,
  [tagKeys.sourceSnapshot]: volume.sourceSnapshot ?? "",
  [tagKeys.sourceStartTime]: source?.startedAt ?? takenAt ?? "",
  [tagKeys.sourceRegion]: run.source,
});
