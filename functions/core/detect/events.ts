import type { Plan } from "../model/plan.ts";
import { isApplicationName } from "../names.ts";
import { plain } from "../plain.ts";
import { type HealthIssue, issueCategories, isWatched } from "./aws-health.ts";
import { checkAlarmName, checkRegion } from "./sensors.ts";
import type { AlarmChange } from "./witness.ts";

/** What came to detect: a tick (neither), a change of an alarm's state, or an issue of AWS Health; or why it is dropped. */
export type Incoming = { application: string; change: AlarmChange | null; issue: HealthIssue | null } | Dropped;
export type Dropped = { dropped: DropCode; because: string };
export type DropCode =
  | "NotShaped"
  | "TooLarge"
  | "OtherAccount"
  | "UnknownApplication"
  | "PlanChanged"
  | "UnknownAlarm"
  | "UnknownIssue";

/** AWS sends a few KiB; the bus would take much more. */
const detailBytesMax = 65_536;
/** An `upcoming` one does no harm yet. [Health: API_Event] */
const statusCodes = ["open", "closed", "upcoming"];
const alarmStates = ["OK", "ALARM", "INSUFFICIENT_DATA"];

const shapes = {
  alarm: { source: "aws.cloudwatch", type: "CloudWatch Alarm State Change" },
  health: { source: "aws.health", type: "AWS Health Event" },
} as const;

/**
 * Reads `{ application }` (the tick) or `{ application, event }` (an event with its application put around it). `account`:
 * that of the controller, null when it is not known. Whatever comes, it never throws.
 */
export const readEvent = (given: unknown, account: string | null): Incoming => {
  const { application, event } = asObject(given);
  if (!isApplicationName(application))
    return notShaped("expected { application } or { application, event } (got no application)");
  const tick = { application, change: null, issue: null };
  if (event === undefined) return tick;

  const { source, "detail-type": type, region, detail, account: from } = asObject(event);
  if (!isSmall(detail)) return { dropped: "TooLarge", because: `detail: expected at most ${detailBytesMax} bytes` };
  // the pattern of the rule lets no other account through; this is for what reaches the function past it
  if (from !== undefined && account !== null && from !== account)
    return { dropped: "OtherAccount", because: `account: expected ${account} (got ${shown(from)})` };
  if (source === shapes.alarm.source && type === shapes.alarm.type) {
    const change = readChange(region, detail);
    return "dropped" in change ? change : { ...tick, change };
  }
  if (source === shapes.health.source && type === shapes.health.type) {
    const issue = readIssue(event, detail);
    return "dropped" in issue ? issue : { ...tick, issue };
  }
  const known = Object.values(shapes).map((shape) => `${shape.source} and ${shape.type}`);
  return notShaped(`expected source and type ${known.join(", or ")} (got ${shown(source)} and ${shown(type)})`);
};

const readChange = (region: unknown, detail: unknown): AlarmChange | Dropped => {
  const { alarmName, state } = asObject(detail);
  const { value, reason, timestamp } = asObject(state);
  if (!isText(region) || !isText(alarmName) || !isText(value) || !isText(timestamp))
    return notShaped("expected region, detail.alarmName, detail.state.value and detail.state.timestamp as texts");
  if (!alarmStates.includes(value))
    return notShaped(`detail.state.value: expected ${alarmStates.join(", ")} (got ${shown(value)})`);
  const at = timeOf(timestamp);
  if (!at) return notShaped(`detail.state.timestamp: expected a time (got ${shown(timestamp)})`);
  return { alarm: alarmName, region, state: value, reason: isText(reason) ? reason : "", at };
};

/** An issue is where it does harm, not where it was delivered. [Health:aws-health-events-eventbridge-schema] */
const readIssue = (event: unknown, detail: unknown): HealthIssue | Dropped => {
  const { eventArn, service, eventRegion, eventTypeCode, eventTypeCategory, statusCode, lastUpdatedTime } =
    asObject(detail);
  if (![eventArn, service, eventRegion, eventTypeCategory, statusCode].every(isText))
    return notShaped("expected detail.eventArn, service, eventRegion, eventTypeCategory and statusCode as texts");
  const updated = lastUpdatedTime ?? asObject(event).time;
  const at = timeOf(updated);
  if (!at) return notShaped(`detail.lastUpdatedTime: expected a time (got ${shown(updated)})`);
  if (
    !issueCategories.some((category) => category === eventTypeCategory) ||
    !statusCodes.includes(statusCode as string)
  )
    return {
      dropped: "UnknownIssue",
      because: `expected an issue that is open, closed or upcoming (got ${shown(eventTypeCategory)}, ${shown(statusCode)})`,
    };
  return {
    arn: eventArn as string,
    service: service as string,
    region: eventRegion as string,
    type: isText(eventTypeCode) ? eventTypeCode.slice(0, 120) : "",
    open: statusCode === "open",
    at,
  };
};

/** What the plan knows nothing of is not ours, even when its event has found the way here. Null: it is ours. */
export const strangerOf = (plan: Plan, change: AlarmChange | null, issue: HealthIssue | null): Dropped | null => {
  if (change && !isWitness(plan, change))
    return {
      dropped: "UnknownAlarm",
      because: `${shown(change.alarm)} in ${shown(change.region)} is no witness of ${plan.application}`,
    };
  if (issue && !isWatched(plan, issue))
    return {
      dropped: "UnknownIssue",
      because: `no witness of ${plan.application} listens to issues of ${shown(issue.service)} in ${shown(issue.region)}`,
    };
  return null;
};

/** An alarm of a witness, or that of a `healthCheck` witness, which only makes detect look. */
const isWitness = ({ application, detect }: Plan, { alarm, region }: AlarmChange) =>
  detect.witnesses.some((witness) => {
    if (witness.kind === "healthCheck")
      return region === checkRegion && alarm === checkAlarmName(application, witness.name);
    return witness.kind === "alarm" && witness.alarm === alarm && witness.region === region;
  });

const notShaped = (because: string): Dropped => ({ dropped: "NotShaped", because });
const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const isText = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= 2_048;
const isSmall = (detail: unknown) => {
  try {
    return Buffer.byteLength(JSON.stringify(detail) ?? "") <= detailBytesMax;
  } catch {
    return false;
  }
};
/** ISO 8601 in UTC; CloudWatch writes the offset without a colon, AWS Health as RFC 1123. */
const timeOf = (value: unknown): string | null => {
  const at = new Date(typeof value === "string" ? value.replace(/\+0000$/, "Z") : Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
};
/** The text of a stranger, for a sentence. */
const shown = (value: unknown) => (typeof value === "string" ? plain(value.slice(0, 80)) : typeof value);
