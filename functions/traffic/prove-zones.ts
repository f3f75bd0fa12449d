import { tryRight } from "../aws/calls/try-right.ts";
import { listRecords, tryChange } from "../aws/route-53.ts";
import type { Tried } from "../core/readiness/proof.ts";
import type { Context } from "../runtime/context.ts";
import type { DryStep } from "../runtime/prove.ts";

/** Tries to change each zone that a failover changes: those of the switch `records`, and no others. */
export const proveZones = ({ plan: { traffic } }: DryStep, { clients }: Context): Promise<Tried[]> => {
  const records = traffic?.switch === "records" ? traffic.records : [];
  const names = new Map(records.map(({ zone, name }) => [zone, name]));
  const tried = [...names].map(([zone, name]) => [
    tryRight("route53:ListResourceRecordSets", "us-east-1", () => listRecords(clients, zone, [name], "once")),
    tryChange(clients, zone, name),
  ]);
  return Promise.all(tried.flat());
};
