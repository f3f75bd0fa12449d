import type { RecordValue, Traffic, TrafficRecord } from "../../model/plan.ts";
import type { PlanDocument } from "../schema/plan.ts";
import { secondsOf } from "../values/values.ts";

type TrafficDocument = NonNullable<PlanDocument["traffic"]>;

export const toTraffic = (given: TrafficDocument): Traffic => ({
  switch: given.switch,
  cluster: given.cluster ?? null,
  healthCheck: given.healthCheck,
  acceptControlPlane: given.acceptControlPlane,
  allowHealthInputs: given.allowHealthInputs,
  zone: given.zone,
  records: given.records.map(
    (record): TrafficRecord => ({
      name: record.name.toLowerCase().replace(/\.$/, ""),
      type: record.type,
      policy: record.policy,
      ttlSeconds: record.ttl,
      primary: toValue(record.primary),
      recovery: toValue(record.recovery),
      setIdentifiers: record.setIdentifiers ?? { primary: "primary", recovery: "recovery" },
      zone: record.zone ?? given.zone,
      private: record.private,
      steps: record.steps ?? [100],
      gateSeconds: secondsOf(record.gate ?? "0s"),
      routingControls: record.routingControls ?? null,
    }),
  ),
});

const toValue = (given: TrafficDocument["records"][number]["primary"]): RecordValue => {
  if (Array.isArray(given)) return { addresses: given };
  if (typeof given !== "string") return given;
  return given.startsWith("launched:") ? { launched: given.slice(9) } : { addresses: [given] };
};
