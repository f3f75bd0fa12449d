import { secondsSince } from "../clock/time.ts";
import type { AlarmState } from "../detect/witness.ts";
import type { Traffic } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { agrees, type DnsReply, expectationOf, type ObservedAddresses } from "./dns.ts";
import { type ControlState, deviatingStates, expectedStates, nameOf } from "./routing-control.ts";

export type TrafficReading = { code: "Here" | "Elsewhere" | "Unknown"; because: string };

/** Where traffic was seen last, against what the row says: one item of the table. Times are ISO 8601. */
export type TrafficPlace = TrafficReading & {
  since: string;
  at: string;
  /** A topic took the message. */
  told: boolean;
  revision: number;
};

/** What one poll read; null = not asked, or no reply. */
export type TrafficObservation = {
  /** Of the takeover switch. */
  alarm: AlarmState | null;
  /** Of the routing controls. */
  states: ControlState[] | null;
  /** Replies of the zones' own servers about the public records, and the addresses of load balancers. */
  answers: DnsReply[];
  resolved: ObservedAddresses;
};

/** Whether the records are asked: those of a takeover only after a move, for before it other health inputs may turn them too. */
export const asksRecords = (traffic: Traffic, side: "primary" | "recovery") =>
  traffic.switch === "records" || side === "recovery";

/** Is traffic where the row says? The switch itself is judged first, then what DNS answers; no answer is no disagreement. */
export const judgePlace = (
  traffic: Traffic,
  side: "primary" | "recovery",
  seen: TrafficObservation,
): TrafficReading => {
  const problems = [...alarmProblems(side, seen.alarm), ...stateProblems(traffic, side, seen.states)];
  const asked = asksRecords(traffic, side) ? traffic.records.filter((record) => !record.private) : [];
  const unread: string[] = [];
  for (const record of asked) {
    const expected = expectationOf(record, side, seen.resolved, []);
    const own = seen.answers.filter(({ name, type }) => name === record.name && type === record.type);
    const given = own.flatMap(({ values }) => (values ? [values] : []));
    const wrong = given.find((values) => !agrees(expected, values));
    if (wrong) problems.push(`${record.name} ${record.type} is answered by ${wrong.join(", ") || "nothing"}`);
    if (given.length === 0) unread.push(`${record.name} ${record.type}`);
  }
  if (problems.length > 0) return { code: "Elsewhere", because: problems.join("; ") };
  const isRead = seen.alarm !== null || seen.states !== null || asked.length > unread.length;
  if (unread.length > 0 || !isRead)
    return { code: "Unknown", because: `no answer about ${unread.join(", ") || "the switch"}` };
  return { code: "Here", because: `traffic is on the ${side} side` };
};

const alarmProblems = (side: "primary" | "recovery", alarm: AlarmState | null): string[] => {
  const expected = side === "recovery" ? "ALARM" : "OK";
  if (!alarm || alarm.state === expected || alarm.state === "INSUFFICIENT_DATA") return [];
  return [`the alarm of the takeover switch is ${alarm.state} (${alarm.reason})`];
};

const stateProblems = (traffic: Traffic, side: "primary" | "recovery", states: ControlState[] | null): string[] =>
  states
    ? deviatingStates(expectedStates(traffic, side), states).map(
        ({ control, state }) => `${nameOf(control)} is not ${state}`,
      )
    : [];

/** So long a switch may take to be seen after a run, seconds: a minute of the metric, its alarm, health checks and TTLs. */
const settlingSeconds = 300;

/** Traffic that is still elsewhere is reported again after this time. */
const againSeconds = 86_400;

/**
 * What is to be reported after this poll, or null: once that traffic went elsewhere, and once a day while it is there; once
 * that it is back. Right after a run the switch may still be in progress.
 */
export const updateTrafficPlace = (
  before: TrafficPlace | null,
  place: TrafficReading,
  { lastRun }: Row,
  now: Date,
): TrafficPlace | null => {
  const at = now.toISOString();
  const isSettling = lastRun !== null && secondsSince(lastRun.endedAt, now) < settlingSeconds;
  if (place.code === "Unknown" || (place.code === "Elsewhere" && isSettling)) return null;
  const isNew = before ? before.code !== place.code : place.code === "Elsewhere";
  const isOld = before !== null && secondsSince(before.at, now) >= againSeconds;
  if (!isNew && (before?.told ?? true) && !(isOld && place.code === "Elsewhere")) return null;
  const since = isNew || !before ? at : before.since;
  return { ...place, since, at, told: false, revision: (before?.revision ?? 0) + 1 };
};
