import * as z from "zod/mini";
import { codeOf } from "./aws/calls/errors.ts";
import { tryRight } from "./aws/calls/try-right.ts";
import { describeInstances } from "./aws/ec2/instances.ts";
import { listByZone, vpcRegionsOf } from "./aws/route-53.ts";
import { checkLease } from "./aws/store/lease.ts";
import { StaleLeaseError } from "./core/errors.ts";
import type { TrafficRecord } from "./core/model/plan.ts";
import type { Run } from "./core/model/run.ts";
import { tagKeys } from "./core/names.ts";
import { withinPayload } from "./core/payload.ts";
import { LeaseInput, RunInput } from "./core/run/machine-state.ts";
import { namesToMove } from "./core/traffic/private-names.ts";
import { planRecordChanges } from "./core/traffic/record-changes.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";
import { moveRecords } from "./traffic/move-records.ts";
import { proveZones } from "./traffic/prove-zones.ts";

const Input = z.object({ run: RunInput, lease: LeaseInput, wave: z.object({ index: z.number() }) });

export type MoveNamesResult = {
  /** Names that lead to the recovered servers now. */
  moved: string[];
  because: string;
};

/**
 * Between two waves: the names by which the next tier finds the one before it, in private zones that no VPC of the source Region
 * sees, lead to the servers that serve by now. All other records wait for Reroute, which moves the row first. A failure
 * is reported and left to Reroute: it ends no run. Safe to run twice.
 */
export const moveNames = async (
  { run, lease, wave }: z.infer<typeof Input>,
  context: Context,
): Promise<MoveNamesResult> => {
  const startedAt = context.now();
  await checkLease(context, run, lease.value);
  const subject = `wave ${wave.index - 1}`;
  try {
    const result = await moveOf(context, run, wave.index, startedAt);
    await recordStep(context, run, { state: "MoveNames", subject, startedAt, outcome: "Moved", detail: result });
    return result;
  } catch (error) {
    if (error instanceof StaleLeaseError) throw error;
    const because = `names of private zones wait for Reroute: ${codeOf(error)}: ${(error as Error).message}`;
    context.log.warn("names not moved", { code: codeOf(error), because });
    return { moved: [], because };
  }
};

export const handler = step("move-names", Input, withinPayload(moveNames), {
  table: ["Query"],
  tries: async (proof, context) => {
    const { clients } = context;
    const { run, plan } = proof;
    const { zone } = plan.traffic?.records.find((record) => record.private) ?? {};
    const running = [{ Name: `tag:${tagKeys.run}`, Values: [run.name] }];
    return [
      await tryRight("ec2:DescribeInstances", run.target, () => describeInstances(clients, run.target, running)),
      ...(zone ? [await tryRight("route53:GetHostedZone", "us-east-1", () => vpcRegionsOf(clients, zone))] : []),
      ...(await proveZones(proof, context)),
    ];
  },
});

const moveOf = async (context: Context, run: Run, index: number, startedAt: Date): Promise<MoveNamesResult> => {
  const { store, clients } = context;
  const plan = await store.plan(run.application, run.planVersion);
  const { traffic } = plan;
  if (!traffic) return { moved: [], because: "the plan moves no traffic" };
  const [servers, instances] = await Promise.all([
    store.servers(run.application, run.name),
    describeInstances(clients, run.target, [
      { Name: `tag:${tagKeys.run}`, Values: [run.name] },
      { Name: "instance-state-name", Values: ["running"] },
    ]),
  ]);
  const serving = new Set(servers.flatMap(({ state, instance }) => (state === "served" && instance ? [instance] : [])));
  const good = instances.filter(({ InstanceId }) => serving.has(InstanceId ?? ""));
  const addressesOf = (some: typeof good) => some.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []).sort();
  const resources = plan.recover.waves.slice(0, index).flat();
  const ready = namesToMove(traffic, { addresses: addressesOf(good), resources });

  const { apart, shared } = await byZone(context, run, ready);
  const side = run.to;
  const launched = Object.fromEntries(
    resources.map((name) => {
      const own = new Set(servers.filter(({ resource }) => resource === name).map(({ instance }) => instance));
      const inside = addressesOf(good.filter(({ InstanceId }) => own.has(InstanceId ?? "")));
      return [name, { "private A": inside, "private AAAA": [] }];
    }),
  );
  const replan = async () => planRecordChanges(apart, side, await listByZone(clients, apart, "once"), launched).changes;
  const { changed } = await moveRecords(context, run, await replan(), { startedAt, replan });
  const moved = [...new Set(changed.map(({ name }) => name))].sort();
  const later = shared.map(
    ({ name }) => `${name}: a VPC in ${run.source} also uses its zone, so it moves with Reroute`,
  );
  return { moved, because: later.join("; ") };
};

/** A name that the source's own servers look up is traffic: it moves after the row, not before. */
const byZone = async ({ clients }: Context, run: Run, records: TrafficRecord[]) => {
  const zones = [...new Set(records.map(({ zone }) => zone))];
  const regions = new Map(
    await Promise.all(zones.map(async (zone) => [zone, await vpcRegionsOf(clients, zone)] as const)),
  );
  const isShared = ({ zone }: TrafficRecord) => regions.get(zone)?.includes(run.source) ?? true;
  return { apart: records.filter((record) => !isShared(record)), shared: records.filter(isShared) };
};
