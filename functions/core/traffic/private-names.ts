import type { Traffic, TrafficRecord } from "../model/plan.ts";

/** Does a run move names of private zones between its waves? Only the switch `records` changes a zone. */
export const hasPrivateNames = (traffic: Traffic | null): boolean =>
  traffic?.switch === "records" && traffic.records.some((record) => record.private);

/**
 * The private names that the waves so far have recovered: every server behind the recovery side's value serves. A tier that
 * comes later finds them by name only once they lead there. `addresses`: private ones of the servers that serve now;
 * `resources`: those whose waves are over.
 */
export const namesToMove = (
  { records }: Pick<Traffic, "records">,
  { addresses, resources }: { addresses: string[]; resources: string[] },
): TrafficRecord[] =>
  records.filter(({ private: hidden, recovery }) => {
    if (!hidden || "alias" in recovery) return false;
    if ("launched" in recovery) return resources.includes(recovery.launched);
    return recovery.addresses.every((address) => addresses.includes(address));
  });
