import type { Plan } from "./plan.ts";
import type { AlarmChange } from "./witness.ts";

/** What came to detect: a tick (no change) or a change of an alarm's state; or why it is dropped. */
export type Incoming = { application: string; change: AlarmChange | null } | { dropped: DropCode; because: string };
export type DropCode = "NotShaped" | "UnknownApplication" | "UnknownAlarm";

const alarmDetailType = "CloudWatch Alarm State Change";

/** Reads `{ application }` (the tick) or `{ application, event }` (an event with its application put around it). */
export const readEvent = (event: unknown): Incoming => {
  const { application, event: inner } = asObject(event);
  if (typeof application !== "string" || application === "")
    return dropped("expected { application } or { application, event } (got no application)");
  if (inner === undefined) return { application, change: null };

  const { source, "detail-type": type, region, detail } = asObject(inner);
  const { alarmName, state } = asObject(detail);
  const { value, reason, timestamp } = asObject(state);
  if (source !== "aws.cloudwatch" || type !== alarmDetailType)
    return dropped(`expected source aws.cloudwatch and type ${alarmDetailType} (got ${source} and ${type})`);
  if (![region, alarmName, value, timestamp].every((part) => typeof part === "string"))
    return dropped("expected region, detail.alarmName, detail.state.value and detail.state.timestamp as texts");
  const at = new Date((timestamp as string).replace(/\+0000$/, "Z"));
  if (Number.isNaN(at.getTime())) return dropped(`detail.state.timestamp: expected a time (got ${timestamp})`);
  const change = { alarm: alarmName as string, region: region as string, state: value as string, at: at.toISOString() };
  return { application, change: { ...change, reason: typeof reason === "string" ? reason : "" } };
};

/** An alarm that is no witness of the plan is not ours, even when its event has found the way here. */
export const isWitness = ({ detect }: Plan, { alarm, region }: AlarmChange) =>
  detect.witnesses.some((witness) => witness.kind === "alarm" && witness.alarm === alarm && witness.region === region);

const dropped = (because: string): Incoming => ({ dropped: "NotShaped", because });
const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
