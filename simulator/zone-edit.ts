import type { Plan } from "../functions/core/plan.ts";
import type { World } from "./kernel.ts";
import { append, dotted, route53Of, type Zone } from "./zones.ts";

export type ZoneEdit = { name: string; type: string; set?: string | undefined; values: string[] };

/**
 * Somebody changes a record set by hand: without `set` every one of that name and type; without `values` they are gone.
 * Gives what puts them back.
 */
export const editZone = (world: World, plans: Plan[], { name, type, set, values }: ZoneEdit) => {
  const zones = new Set(
    plans.flatMap(({ traffic }) => traffic?.records.filter((one) => one.name === name) ?? []).map(({ zone }) => zone),
  );
  const undo = [...zones].flatMap((id) => {
    const zone = route53Of(world).zones.get(id);
    return zone ? [edited(world, zone, { name, type, set, values })] : [];
  });
  return () => {
    for (const back of undo) back();
  };
};

const edited = (world: World, zone: Zone, { name, type, set, values }: ZoneEdit) => {
  const before = zone.sets.at(-1)!.value;
  const isMeant = (one: (typeof before)[number]) =>
    one.Name === dotted(name) && one.Type === type && (set === undefined || one.SetIdentifier === set);
  const meant = before.filter(isMeant);
  const others = before.filter((one) => !isMeant(one));
  const bare = meant.length > 0 ? meant : [{ Name: dotted(name), Type: type as "A" }];
  const changed = bare.map(({ AliasTarget: _alias, ...one }) => ({
    ...one,
    TTL: one.TTL ?? 300,
    ResourceRecords: values.map((Value) => ({ Value })),
  }));
  append(zone.sets, world.now(), [...others, ...(values.length > 0 ? changed : [])]);
  return () => {
    const now = zone.sets.at(-1)!.value;
    append(zone.sets, world.now(), [...now.filter((one) => !isMeant(one)), ...meant]);
  };
};
