import * as z from "zod/mini";
import { describeInstances, type Instance } from "./aws/instances.ts";
import { checkLease, moveTo } from "./aws/lease.ts";
import { putTakeover } from "./aws/metrics.ts";
import { changeRecords, listByZone } from "./aws/route-53.ts";
import { RefusedError, ResourceFailedError } from "./core/errors.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { tagKeys } from "./core/names.ts";
import type { Traffic } from "./core/plan.ts";
import { planRecordChanges, type RecordChange, valuesOfSet } from "./core/record-changes.ts";
import type { Run } from "./core/run.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  fence: z.object({ value: z.object({ fenced: z.boolean() }) }),
});

export type RerouteResult = {
  at: string;
  switch: Traffic["switch"] | "none";
  /** What the records say from now on; empty for a takeover, which changes none. */
  changes: ChangedRecord[];
  /** How long this step of the weights is watched before the next one; 0 = there is none. */
  waitSeconds: number;
};
export type ChangedRecord = { zone: string; name: string; type: string; before: string[]; after: string[] };

/**
 * Moves the application: the row first, then traffic, so that a run which dies in between is told by the row (and a
 * takeover is published by the heartbeat). Safe to run twice: the row and the records that moved are found so.
 */
export const reroute = async (
  { run, lease, fence }: z.infer<typeof Input>,
  context: Context,
): Promise<RerouteResult> => {
  const startedAt = context.now();
  const row = await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);
  if (plan.recover.fence === "required" && !fence.value.fenced)
    throw new RefusedError("the source is not fenced", "Stop its servers by hand and start the failover again.");
  const value = run.target === plan.regions.recovery ? 1 : 0;
  const { traffic } = plan;
  const changes = traffic?.switch === "records" ? await wantedChanges(context, run, traffic, value) : [];

  if (row.active !== run.target || row.switch !== value)
    await moveTo(context, run, lease.value, { active: run.target, switch: value });
  if (traffic?.switch === "takeover") await putTakeover(context.clients, run.target, run.application, value);
  const changed = await changeAll(context, run, changes, startedAt);

  const result: RerouteResult = {
    at: context.now().toISOString(),
    switch: traffic?.switch ?? "none",
    changes: changed,
    waitSeconds: 0,
  };
  await recordStep(context, run, "Reroute", "", startedAt, "Moved", result);
  return result;
};

export const handler = step("reroute", Input, reroute);

const wantedChanges = async (context: Context, run: Run, { records }: Traffic, value: 0 | 1) => {
  const existing = await listByZone(context.clients, records, "once");
  const side = value === 1 ? "recovery" : "primary";
  const launched: Record<string, Record<string, string[]>> = {};
  for (const record of records) {
    const wanted = record[side];
    if ("launched" in wanted) launched[wanted.launched] ??= await launchedAddresses(context, run, wanted.launched);
  }
  const { changes, problems } = planRecordChanges(records, side, existing, launched);
  if (problems.length === 0) return changes;
  throw new ResourceFailedError(
    `records cannot be changed: ${problems.join("; ")}`,
    "Change them by hand, then mend the plan's traffic.records.",
  );
};

/**
 * Addresses of the resource's servers that this run launched and found good, by record type. A server whose
 * verification failed (minimum below 100 %) is left out; public addresses are preferred, private ones serve a private zone.
 */
const launchedAddresses = async (context: Context, run: Run, resource: string): Promise<Record<string, string[]>> => {
  const ledger = await context.store.ledger(run.application, run.name);
  const good = ledger.filter(({ state, outcome }) => state === "Verify" && outcome === "Served");
  const served = good.map(({ detail }) => detail.instance);
  const found = await describeInstances(context.clients, run.target, [
    { Name: `tag:${tagKeys.run}`, Values: [run.name] },
    { Name: `tag:${tagKeys.resource}`, Values: [resource] },
    { Name: "instance-state-name", Values: ["running"] },
  ]);
  const servers = found.filter(({ InstanceId }) => served.length === 0 || served.includes(InstanceId));
  const addresses = (of: (instance: Instance) => string | undefined) =>
    servers.flatMap((instance) => of(instance) ?? []).sort();
  const open = addresses(({ PublicIpAddress }) => PublicIpAddress);
  return {
    A: open.length > 0 ? open : addresses(({ PrivateIpAddress }) => PrivateIpAddress),
    AAAA: addresses(({ Ipv6Address }) => Ipv6Address),
  };
};

/** The old sets go into the ledger first, once, then one atomic batch per zone. Gives all that this run changed. */
const changeAll = async (context: Context, run: Run, changes: RecordChange[], startedAt: Date) => {
  const ledger = await context.store.ledger(run.application, run.name);
  const told = ledger.filter(({ state, subject }) => state === "Reroute" && subject !== "");
  const known = new Map(told.map(({ subject, detail }) => [subject, toChanged(detail as ChangedRecord)]));
  for (const zone of new Set(changes.map((change) => change.zone))) {
    const inZone = changes.filter((change) => change.zone === zone);
    for (const change of inZone) {
      const subject = `${change.after.name} ${change.after.type}`;
      if (known.has(subject)) continue;
      known.set(subject, changed(change));
      const kept = { ...changed(change), oldSet: change.before };
      await recordStep(context, run, "Reroute", subject, startedAt, "Changing", kept);
    }
    const sets = inZone.map(({ after }) => after);
    await changeRecords(context.clients, zone, sets, `lifeboat ${run.name}`);
  }
  return [...known.values()];
};

const toChanged = ({ zone, name, type, before, after }: ChangedRecord) => ({ zone, name, type, before, after });

const changed = ({ zone, before, after }: RecordChange): ChangedRecord => ({
  zone,
  name: after.name,
  type: after.type,
  before: before ? valuesOfSet(before) : [],
  after: valuesOfSet(after),
});
