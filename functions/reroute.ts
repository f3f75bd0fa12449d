import * as z from "zod/mini";
import { isPassing } from "./aws/calls/errors.ts";
import { tryRight } from "./aws/calls/try-right.ts";
import { describeInstances } from "./aws/ec2/instances.ts";
import { listByZone } from "./aws/route-53.ts";
import { checkLease, moveTo } from "./aws/store/lease.ts";
import { putTakeover, tryPublish } from "./aws/takeover.ts";
import { RefusedError, ResourceFailedError } from "./core/errors.ts";
import { type PlanSide, switchValueOf } from "./core/model/direction.ts";
import type { Traffic } from "./core/model/plan.ts";
import { originOf, type Run } from "./core/model/run.ts";
import { tagKeys } from "./core/names.ts";
import { own } from "./core/own.ts";
import { withinPayload } from "./core/payload.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { canaryWaitSeconds } from "./core/traffic/canary.ts";
import { type LaunchedAddresses, planRecordChanges } from "./core/traffic/record-changes.ts";
import { firstStep, watchSeconds } from "./core/traffic/weights.ts";
import { launchedAddresses } from "./kinds/instances/recover/launched-addresses.ts";
import { beginStep } from "./runtime/begin.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";
import { type ChangedRecord, moveBack, moveRecords } from "./traffic/move-records.ts";
import { movedStep } from "./traffic/moved-step.ts";
import { proveZones } from "./traffic/prove-zones.ts";
import { switchControls } from "./traffic/switch-controls.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  /** Absent in a run that finishes a move: the one that began it has fenced. */
  fence: z.optional(z.object({ value: z.object({ fenced: z.boolean() }) })),
  gate: z.optional(z.object({ value: z.object({ step: z.number() }) })),
});

export type RerouteResult = {
  at: string;
  switch: Traffic["switch"] | "none";
  /** The values of the records from now on; empty for a takeover, which changes none. */
  changes: ChangedRecord[];
  /** Ids of Route 53 for these changes, by zone. */
  changeIds: Record<string, string>;
  /** Step of the weights, from 0, and for how long it is watched before the next one; 0 = it is the last. */
  step: number;
  gateSeconds: number;
  /** Seconds until the first poll of the canary. */
  waitSeconds: number;
  because: string;
};

/**
 * Moves the application: the row first, then traffic, so that the row shows it when a run dies in between (and a
 * takeover is published by the heartbeat). Weights move by one step at a time. Safe to run twice: the row, the records
 * and the controls that moved are found so. Refused for good at the first step, the zones that moved and the row go back. A run
 * that finishes a move goes on at its last step, and rolls nothing back.
 */
export const reroute = async (input: z.infer<typeof Input>, context: Context): Promise<RerouteResult> => {
  const { run, lease, fence } = input;
  const startedAt = context.now();
  const { row, plan } = await beginStep(context, run, lease.value);
  if (plan.recover.fence === "required" && !run.resume && !fence?.value.fenced)
    throw new RefusedError("the source is not fenced", "Stop its servers by hand, then start the failover again.");
  const side = run.to;
  const value = switchValueOf(side);
  const { traffic } = plan;
  const origin = originOf(run);
  const nth = input.gate?.value.step ?? (await lastStep(context, run)) ?? (traffic ? firstStep(traffic) : 0);
  const replan = traffic?.switch === "records" ? await planner(context, origin, traffic, side, nth) : async () => [];
  const changes = await replan();

  if (row.active !== run.target || row.switch !== value)
    await moveTo(context, run, lease.value, { active: run.target, switch: value });
  const back = async (error: unknown) => {
    const old = { active: run.source, switch: switchValueOf(run.from) };
    // the row last: as long as it names the target, nothing starts the source's servers while a zone has moved
    if (isRefusal(error) && !input.gate && !run.resume) {
      await checkLease(context, run, lease.value);
      await moveBack(context, run, startedAt);
      await moveTo(context, run, lease.value, old);
    }
    throw error;
  };
  if (traffic?.switch === "takeover") await putTakeover(context.clients, run.target, run.application, value);
  const controls =
    traffic?.switch === "routing-control" ? await switchControls(context, traffic, side).catch(back) : "";
  const { changed, ids } = await moveRecords(context, origin, changes, { startedAt, replan }).catch(back);

  const gateSeconds = traffic ? watchSeconds(traffic, nth) : 0;
  const result: RerouteResult = {
    at: context.now().toISOString(),
    switch: traffic?.switch ?? "none",
    changes: changed,
    changeIds: ids,
    step: nth,
    gateSeconds,
    waitSeconds: canaryWaitSeconds(gateSeconds),
    because: controls,
  };
  await recordStep(context, run, { state: "Reroute", startedAt, outcome: "Moved", detail: result });
  if (run.resume) await recordStep(context, origin, { state: "Reroute", startedAt, outcome: "Moved", detail: result });
  return result;
};

/** The step of the weights at which a move that this run finishes came to a stop; null when it has none. */
const lastStep = async (context: Context, { application, resume }: Run): Promise<number | null> =>
  resume ? movedStep(context, application, resume.of) : null;

export const handler = step("reroute", Input, withinPayload(reroute), {
  table: ["Query", "UpdateItem"],
  tries: async (proof, context) => {
    const { clients, settings } = context;
    const { application, target } = proof.run;
    return [
      await tryPublish(clients, settings.region, application),
      await tryRight("ec2:DescribeInstances", target, () =>
        describeInstances(clients, target, [{ Name: `tag:${tagKeys.run}`, Values: [proof.run.name] }]),
      ),
      ...(await proveZones(proof, context)),
    ];
  },
  // weights are watched: a dry execution goes that way too
  result: () => ({ waitSeconds: 1 }),
});

/** AWS rejected the batch, or the switch by a safety rule, or the permission is missing: a further try changes nothing. */
const isRefusal = (error: unknown) =>
  error instanceof RefusedError || ((error as { $fault?: string }).$fault === "client" && !isPassing(error));

/** Plans the changes from the present zones. Throws when the plan and the zones do not agree. */
const planner = async (context: Context, run: Run, { records }: Traffic, side: PlanSide, step: number) => {
  const launched: LaunchedAddresses = {};
  for (const record of records) {
    const value = record[side];
    if ("launched" in value)
      launched[value.launched] =
        own(launched, value.launched) ?? (await launchedAddresses(context, run, value.launched));
  }
  return async () => {
    const existing = await listByZone(context.clients, records, "once");
    const { changes, problems } = planRecordChanges(records, side, existing, launched, step);
    if (problems.length === 0) return changes;
    throw new ResourceFailedError(
      `records cannot be changed: ${problems.join("; ")}`,
      "Change the records by hand, then correct traffic.records in the plan.",
    );
  };
};
