import { tryChange } from "../aws/route-53.ts";
import type { Tried } from "../core/proof.ts";
import type { Context } from "./context.ts";
import type { Proof } from "./proof.ts";

/** Tries to change each zone that a failover changes: those of the switch `records`, and no others. */
export const proveZones = ({ plan: { traffic } }: Proof, { clients }: Context): Promise<Tried[]> => {
  const records = traffic?.switch === "records" ? traffic.records : [];
  const names = new Map(records.map(({ zone, name }) => [zone, name]));
  return Promise.all([...names].map(([zone, name]) => tryChange(clients, zone, name)));
};
