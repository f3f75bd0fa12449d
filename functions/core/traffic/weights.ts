import type { Traffic, TrafficRecord } from "../model/plan.ts";

/** How many steps the weights of a plan take; 1 = at once. */
export const stepCount = (records: TrafficRecord[]) => Math.max(1, ...records.map(({ steps }) => steps.length));

export const isLastStep = ({ records }: Pick<Traffic, "records">, step: number) => step >= stepCount(records) - 1;

/** Percent of a record's traffic that the target has after this step (from 0). What is not weighted moves with the last one. */
export const percentAt = ({ policy, steps }: TrafficRecord, step: number, count: number) => {
  if (policy !== "weighted") return step >= count - 1 ? 100 : 0;
  return step >= count - 1 ? 100 : (steps[step] ?? 100);
};

/** Seconds for which this step is watched; 0 after the last one, which VerifyTraffic polls. */
export const watchSeconds = ({ switch: by, records }: Pick<Traffic, "switch" | "records">, step: number) => {
  if (by !== "records" || isLastStep({ records }, step)) return 0;
  return Math.max(0, ...records.map(({ policy, gateSeconds }) => (policy === "weighted" ? gateSeconds : 0)));
};

/** The step after this one; steps without a canary are left out, since the next would follow at once. */
export const firstStep = (traffic: Pick<Traffic, "switch" | "records">) =>
  watchSeconds(traffic, 0) > 0 ? 0 : stepCount(traffic.records) - 1;

export type Weights = { source: number; target: number };

/** Weights are whole numbers from 0 to 255. [SDK Route53: ResourceRecordSet] */
const fineTotal = 100;
const weightMax = 255;

/**
 * Weights of a pair so that the target has `percent` of what both have together, or null when their sum cannot be
 * divided so. The sum stays where it can, since other sets of the name share the traffic by it. The target never loses.
 */
export const weightsFor = (percent: number, now: Weights, hasOthers: boolean): Weights | null => {
  const sum = now.source + now.target;
  if (percent >= 100) return { source: 0, target: Math.min(sum || fineTotal, weightMax) };
  if (sum > 0 && now.target * 100 >= sum * percent) return now;
  const keeps = hasOthers || (sum > 0 && sum <= weightMax && Number.isInteger((sum * percent) / 100));
  const total = keeps ? Math.min(sum, weightMax) : fineTotal;
  if (total < 2) return null;
  const target = Math.min(total - 1, Math.max(1, Math.round((total * percent) / 100)));
  return { source: total - target, target };
};
