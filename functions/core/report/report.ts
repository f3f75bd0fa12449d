import { secondsBetween } from "../clock/time.ts";
import { summarizeUnfence } from "../fence/unfence-summary.ts";
import { exposureOfPoint } from "../model/exposure.ts";
import { modeOf } from "../model/mode.ts";
import type { RecordValue } from "../model/plan.ts";
import type { Run } from "../model/run.ts";
import { lossOf } from "../run/loss.ts";
import { judgeOutcome } from "../run/outcome.ts";
import { named } from "../run/wave.ts";
import type { Facts, LedgerStep, Report, ReportedRef } from "./facts.ts";

/** Makes the report of a run, complete or not, from the facts that there are. */
export const buildReport = (facts: Facts): Report => {
  const { run, plan, row, error, now } = facts;
  const ledger = [...facts.ledger].sort(inOrder);
  const outcome = judgeOutcome(error, ledger.some(isIncomplete));
  return {
    application: run.application,
    machine: run.machine,
    run: run.name,
    id: run.id,
    outcome,
    error,
    request: run.request,
    incident: run.incident,
    source: run.source,
    target: run.target,
    active: row?.active ?? null,
    startedAt: run.startedAt,
    endedAt: now.toISOString(),
    rtoSeconds: facts.traffic?.servedAt ? wholeSeconds(beginningOf(run), facts.traffic.servedAt) : null,
    rpoSeconds: rpoOf(facts),
    lossSeconds: lossSecondsOf(facts),
    objectives: plan.objectives,
    points: pinnedPoints(facts).map(({ resource, id, pointAt }) => ({ resource, id, pointAt })),
    servers: facts.servers.map(({ resource, server, name, point }) => ({
      resource,
      server,
      name,
      point,
      ...launchedAs(ledger, server),
    })),
    dns: dnsOf(facts),
    moved: error && movedBy(facts),
    unfence: summarizeUnfence(facts),
    decisions: decisionsOf(run, ledger),
    steps: ledger.map(({ state, subject, startedAt, endedAt, outcome }) => ({
      state,
      subject,
      startedAt,
      endedAt,
      outcome,
    })),
    warnings: [...facts.warnings, ...untaggedWarnings(ledger)],
    rotation: facts.rotation,
    copies: facts.copies,
  };
};

/** The row moves before the traffic: a run may fail after that, and the target is active all the same. */
const movedBy = ({ run, plan, row, traffic }: Facts): string | null => {
  if (!modeOf(run).movesTraffic || row?.active !== run.target) return null;
  const moved = `${run.application} is now active in ${run.target}, although the run failed.`;
  if (traffic?.servedAt) return `${moved} Users are served there since ${traffic.servedAt}.`;
  const next =
    plan.traffic?.switch === "takeover"
      ? "the heartbeat publishes the switch each minute"
      : "Lifeboat starts another run to continue, or start a failover yourself";
  return `${moved} Traffic was not yet seen there; ${next}.`;
};

/** RTO counts from the first failing evidence; without an incident, from the start of the run. */
const beginningOf = ({ incident, startedAt }: Run) => incident?.firstFailingAt ?? startedAt;

/** Age of the newest complete point of the resource that is worst off; null when a resource has none. */
const rpoOf = ({ run, plan, points, now }: Facts): number | null => {
  const at = modeOf(run).movesTraffic ? beginningOf(run) : now.toISOString();
  const ages = plan.protect.map(({ name }) => {
    const times = points.flatMap(({ resource, state, damaged, pointAt }) =>
      resource === name && state === "complete" && !damaged && pointAt && pointAt <= at ? [pointAt] : [],
    );
    const newest = times.sort().at(-1);
    return newest ? wholeSeconds(newest, at) : null;
  });
  return ages.length === 0 || ages.includes(null) ? null : Math.max(...ages.map(Number));
};

const pinnedPoints = ({ points, pinned }: Facts) =>
  points.filter(({ resource, id }) => pinned[resource] === id).sort((a, b) => a.id.localeCompare(b.id));

const lossSecondsOf = (facts: Facts): number | null => {
  const exposures = pinnedPoints(facts).map((point) => exposureOfPoint(point.resource, point));
  if (!modeOf(facts.run).movesTraffic || exposures.every(({ recoverableAt }) => !recoverableAt)) return null;
  return lossOf(exposures, { run: facts.run, fence: facts.fence, now: facts.now }).lossSeconds;
};

const launchedAs = (ledger: LedgerStep[], server: string) => {
  const own = ledger.filter(({ subject }) => subject === server);
  const last = (key: string) =>
    own.map(({ detail }) => detail[key]).findLast((value): value is string => typeof value === "string") ?? null;
  const type = last("instanceType");
  const slot = type && `${type}/${last("subnet") ?? ""}`;
  return { instance: last("instance"), slot, address: last("address"), servedAt: last("servedAt") };
};

/** Servers that a run began to launch: what is known of them when the state of the machine is lost. */
export const launchedServers = (ledger: LedgerStep[]): ReportedRef[] =>
  ledger.flatMap(({ state, subject, detail: { resource, name, point } }) =>
    state === "Launch" && typeof resource === "string"
      ? [{ resource, server: subject, name: String(name ?? subject), point: String(point ?? "unknown") }]
      : [],
  );

/** What Attach could not give to the volumes of some servers, a sentence for each cause. */
const untaggedWarnings = (ledger: LedgerStep[]): string[] => {
  const untagged = ledger.filter(({ state, detail }) => state === "Attach" && typeof detail.untagged === "string");
  return [...Map.groupBy(untagged, ({ detail }) => detail.untagged as string)].map(
    ([because, steps]) =>
      `${named(steps.map(({ subject }) => subject))}: could not add the tags that only some of their volumes have: ${because}`,
  );
};

const dnsOf = ({ plan, traffic, changes }: Facts) =>
  (plan.traffic?.records ?? []).map(({ name, type, primary }) => {
    const change = changes.find((one) => one.name === name && one.type === type);
    const answered = traffic?.answers?.filter((answer) => answer.name === name).flatMap(({ values }) => values);
    return {
      name,
      type,
      before: change?.before ?? valuesOf(primary),
      after: [...new Set(answered ?? change?.after)].sort(),
    };
  });

const valuesOf = (value: RecordValue) => {
  if ("addresses" in value) return value.addresses;
  return "alias" in value ? [`alias ${value.alias.name}`] : [`launched ${value.launched}`];
};

const startedBy = { person: "StartedByPerson", detect: "StartedByDetect", schedule: "StartedBySchedule" } as const;

/** The table of servers shows these steps. */
const perServer = new Set(["Launch", "CheckProgress", "Attach", "Verify"]);

/** The incident's decision, then what the steps decided, each with its sentence. */
const decisionsOf = ({ incident, request, startedAt }: Run, ledger: LedgerStep[]) => {
  const first = incident
    ? { at: incident.decidedAt, action: "act", code: "RegionUnhealthy", because: incident.because }
    : { at: startedAt, action: "act", code: startedBy[request.by], because: request.reason ?? "no reason given" };
  const steps = ledger.flatMap(({ state, endedAt, outcome, detail }) =>
    !perServer.has(state) && typeof detail.because === "string"
      ? [{ at: endedAt, action: state, code: outcome, because: detail.because }]
      : [],
  );
  return [first, ...steps];
};

/** A step that reached its end, but not for every server or resource, says so, or names the rest in `failed`. */
const isIncomplete = ({ outcome, detail }: LedgerStep) =>
  outcome === "Partial" || (Array.isArray(detail.failed) && detail.failed.length > 0);

const inOrder = (a: LedgerStep, b: LedgerStep) =>
  a.startedAt.localeCompare(b.startedAt) || a.endedAt.localeCompare(b.endedAt) || a.subject.localeCompare(b.subject);

const wholeSeconds = (from: string, to: string) => Math.round(secondsBetween(from, to));
