import * as z from "zod/mini";
import { acquireProtect, acquireRun, protectLease } from "./aws/store/lease.ts";
import { LeaseHeldError, PlanInvalidError, RefusedError } from "./core/errors.ts";
import type { Run } from "./core/model/run.ts";
import { pointToPin, readPointRequest } from "./core/points/choose-point.ts";
import { RunInput } from "./core/run/machine-state.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput });

export type AcquireLeaseResult = {
  held: boolean;
  generation: number;
  /** Only of a failover: resource -> id of the pinned point. A resource without a fitting point is not in it. */
  points?: Record<string, string>;
  because: string | null;
};

/** Takes the lease; a failover pins its recovery points with it. Throws LeaseHeldError. Safe to run twice. */
export const acquireLease = async ({ run }: z.infer<typeof Input>, context: Context): Promise<AcquireLeaseResult> => {
  const startedAt = context.now();
  if (protectLease(run.machine)) return acquireProtection(run, context);

  const row = await acquireRun(context, run, await pointsFor(run, context));
  const points = row.run?.points ?? {};
  if (run.request.recoveryPoint !== "latest") await refuseRotated(run, Object.values(points), context);
  await recordStep(context, run, {
    state: "AcquireLease",
    startedAt,
    outcome: "Held",
    detail: { run, points, generation: row.generation },
  });
  return { held: true, generation: row.generation, points, because: null };
};

/** A scheduled pass that finds the lease taken leaves it to the next one; a person who asks for a rotation is told why. */
const acquireProtection = async (run: Run, context: Context): Promise<AcquireLeaseResult> => {
  const { row, because } = await acquireProtect(context, run);
  if (because) context.log.info("lease not taken", { because });
  if (because && run.machine === "rotate" && run.request.by === "person")
    throw new LeaseHeldError(`nothing was rotated: ${because}`, "Start it again once that has ended.");
  return { held: because === null, generation: row.generation, because };
};

export const handler = step("acquire-lease", Input, acquireLease, {
  table: ["Query", "UpdateItem"],
  result: () => ({ held: false, generation: 0 }),
});

/** A rotation may mark an older point in the moment in which it is pinned; from then on the lease keeps it away. */
const refuseRotated = async ({ application }: Run, pinned: string[], { store }: Context) => {
  for (const id of pinned) {
    if ((await store.point(application, id))?.state === "complete") continue;
    throw new RefusedError(
      `${id} was deleted by rotation while this run was selecting it`,
      'Start it again with another "recoveryPoint", or without one.',
    );
  }
};

const pointsFor = async (run: Run, { store }: Context) => {
  if (run.resume) return {};
  const request = readPointRequest(run.request.recoveryPoint);
  if (!request) throw new PlanInvalidError(`recoveryPoint: ${run.request.recoveryPoint} is no recovery point`);
  const plan = await store.plan(run.application, run.planVersion);
  const chosen = await Promise.all(
    plan.protect.map(async ({ name }) => {
      const point = pointToPin(await store.points(run.application, name), name, request, run);
      return point ? [[name, point.id] as const] : [];
    }),
  );
  return Object.fromEntries(chosen.flat());
};
