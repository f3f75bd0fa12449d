/** The fault `zone-edit`: somebody else changes record sets. */

import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { World } from "../kernel.ts";
import { append, dotted, route53Of, type Zone } from "./zones.ts";

export type ZoneEdit = {
  name: string;
  type: string;
  set?: string | undefined;
  values?: string[] | undefined;
  /** A health check of somebody else's comes on the set, and says so. */
  check?: "healthy" | "unhealthy" | undefined;
  /** PRIMARY becomes SECONDARY, and the other way round. */
  swap?: boolean | undefined;
};

/**
 * Somebody changes a record set by hand: without `set` every one of that name and type; with empty `values` they are gone.
 * Gives what puts them back.
 */
export const editZone = (world: World, plans: Plan[], edit: ZoneEdit) => {
  const zones = new Set(
    plans
      .flatMap(({ traffic }) => traffic?.records.filter((one) => one.name === edit.name) ?? [])
      .map(({ zone }) => zone),
  );
  const undo = [...zones].flatMap((id) => {
    const zone = route53Of(world).zones.get(id);
    return zone ? [edited(world, zone, edit)] : [];
  });
  return () => {
    for (const back of undo) back();
  };
};

const edited = (world: World, zone: Zone, { name, type, set, values, check, swap }: ZoneEdit) => {
  const before = zone.sets.at(-1)!.value;
  const isMeant = (one: (typeof before)[number]) =>
    one.Name === dotted(name) && one.Type === type && (set === undefined || one.SetIdentifier === set);
  const meant = before.filter(isMeant);
  const others = before.filter((one) => !isMeant(one));
  const bare = meant.length > 0 ? meant : [{ Name: dotted(name), Type: type as "A" }];
  const checkId = check && foreignCheck(world, check === "healthy");
  const changed = (values ? bare.map((one) => ({ ...one, ...valuesOf(one, values) })) : meant).map((one) => ({
    ...one,
    ...(checkId && { HealthCheckId: checkId }),
    ...(swap && one.Failover && { Failover: swapped[one.Failover] }),
  }));
  append(zone.sets, world.now(), [...others, ...(values?.length === 0 ? [] : changed)]);
  return () => {
    const now = zone.sets.at(-1)!.value;
    append(zone.sets, world.now(), [...now.filter((one) => !isMeant(one)), ...meant]);
  };
};

const valuesOf = ({ TTL = 300 }: ResourceRecordSet, values: string[]) => ({
  AliasTarget: undefined,
  TTL,
  ResourceRecords: values.map((Value) => ({ Value })),
});

const swapped = { PRIMARY: "SECONDARY", SECONDARY: "PRIMARY" } as const;

const foreignCheck = (world: World, value: boolean) => {
  const id = world.id("check");
  const healthy = [{ since: world.now(), value }];
  route53Of(world).checks.set(id, { id, config: { Type: "HTTPS" }, healthy });
  return id;
};
