import type { Traffic } from "../model/plan.ts";
import type { RecordSet } from "./record-changes.ts";
import { pairOf } from "./record-pairs.ts";

/**
 * What an operator still has to do so that a takeover moves traffic: the health check that the deployment has made, or that the
 * plan names, goes on the PRIMARY set of each pair. A sentence for each record that lacks something, with the exact ids.
 * `existing` by zone; `check`: id of the health check, null where it is not known.
 */
export const switchTodoOf = (
  traffic: Traffic | null,
  existing: Record<string, RecordSet[]>,
  check: string | null,
): string[] => {
  if (traffic?.switch !== "takeover") return [];
  const id = check ?? "(output HealthCheckId of the switch stack)";
  return traffic.records.flatMap((record) => {
    const { primary, recovery } = pairOf(record, existing);
    const name = `${record.name} ${record.type} in zone ${record.zone}`;
    const missing = [primary ? [] : "PRIMARY", recovery ? [] : "SECONDARY"].flat();
    if (missing.length > 0)
      return [`create the ${missing.join(" and the ")} set of ${name}, with HealthCheckId ${id} on PRIMARY alone`];
    return primary?.healthCheck ? [] : [`set HealthCheckId ${id} on the PRIMARY set of ${name}`];
  });
};
