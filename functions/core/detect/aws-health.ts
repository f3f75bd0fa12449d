import { notAfter, secondsSince } from "../clock/time.ts";
import type { Plan, Witness } from "../model/plan.ts";
import { own } from "../own.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { healthRegions } from "./sensors.ts";
import { brief, type Reading, unclear } from "./witness.ts";

/** An issue of AWS Health; `at` is its last update (ISO 8601), `region` where it is. */
export type HealthIssue = { arn: string; service: string; region: string; type: string; open: boolean; at: string };

/** Nobody may close an issue whose last update is this old, seconds: it is forgotten. */
const rememberedSeconds = 86_400;
const issuesMax = 50;
/** A sensor that was silent for so long delivers no events of AWS Health either, seconds. */
const deafSeconds = 180;

type HealthWitness = Extract<Witness, { kind: "awsHealth" }>;

/**
 * What AWS Health calls the service when the issue is not of one alone: so it did in the wide outages of October 2025 and
 * March 2026. [aws.amazon.com/message/101925]
 */
export const manyServices = "MULTIPLE_SERVICES";

/** Categories of events of harm; `scheduledChange` and `accountNotification` are none. [Health: API_EventType] */
export const issueCategories = ["issue", "investigation"] as const;

/** An issue of its services, or of several at once, in its Region. */
export const concerns = (witness: HealthWitness, { region, service }: Pick<HealthIssue, "region" | "service">) =>
  witness.region === region && (service === manyServices || witness.services.includes(service));

/** Whether some witness of the plan listens to this. */
export const isWatched = ({ detect }: Plan, issue: HealthIssue) =>
  detect.witnesses.some((witness) => witness.kind === "awsHealth" && concerns(witness, issue));

/**
 * The issues to remember, by ARN, the newest of each: events come twice, late and out of order, and through two Regions; one
 * of the future counts as now. A closed one is remembered too, so that an older update does not open it again.
 */
export const keepIssues = (
  before: Record<string, HealthIssue>,
  delivered: HealthIssue | null,
  now: Date,
): Record<string, HealthIssue> => {
  const issue = delivered && { ...delivered, at: notAfter(delivered.at, now) };
  const known = issue && own(before, issue.arn);
  const isNewer = issue && (!known || issue.at > known.at || (issue.at === known.at && !issue.open));
  const all = Object.values(isNewer ? { ...before, [issue.arn]: issue } : before);
  const kept = all
    .filter(({ at }) => secondsSince(at, now) <= rememberedSeconds)
    .sort((a, b) => b.at.localeCompare(a.at) || a.arn.localeCompare(b.arn))
    .slice(0, issuesMax);
  return Object.fromEntries(kept.map((issue) => [issue.arn, issue]));
};

/**
 * `awsHealth`: unhealthy while an issue of its services is open in its Region, at most a day after its last update. When
 * every sensor through which AWS Health would report one is silent, or never reported, no news says nothing.
 */
export const readHealth = (
  witness: HealthWitness,
  issues: Record<string, HealthIssue>,
  heartbeats: Record<string, Heartbeat>,
  home: string,
  now: Date,
): Reading => {
  const { services, region } = witness;
  const open = Object.values(issues).filter((issue) => issue.open && concerns(witness, issue));
  if (open.length > 0) {
    const named = open.map(({ service, type, at }) => `${service}: ${type || "an issue"}, last updated at ${at}`);
    return { state: "unhealthy", because: brief(`AWS Health: ${named.sort().join("; ")}`), silent: false };
  }
  const sources = healthRegions(region);
  const isDeaf = (source: string) => {
    const known = heartbeats[source];
    return source !== home && (known === undefined || secondsSince(known.at, now) > deafSeconds);
  };
  if (sources.every(isDeaf))
    return unclear(`AWS Health cannot be read: the sensors of ${sources.join(" and ")} are silent`);
  return { state: "healthy", because: `AWS Health knows no open issue of ${services.join(", ")}`, silent: false };
};
