import { homeOf, watchedOf } from "../model/direction.ts";
import type { Controls } from "../model/operator-controls.ts";
import type { Plan } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { own } from "../own.ts";
import { type HealthIssue, keepIssues } from "./aws-health.ts";
import { type Decision, decide } from "./decide-action.ts";
import { arm, type Evidence } from "./evidence.ts";
import { recordHeartbeats } from "./heartbeat.ts";
import { followIncident, type IncidentAnswer } from "./incident.ts";
import type { Window } from "./maintenance.ts";
import { type FailoverIntent, intentToSave, massFailoverOf } from "./mass-failover.ts";
import { noticeDue, pendingNoticeAfter } from "./pending-notice.ts";
import { type Answers, isSeenFromHere, readWitness } from "./read-witness.ts";
import type { SensorReport } from "./sensor-report.ts";
import { doubtOf } from "./vantage.ts";
import { hasRegionalRed, isAgainstRegion, judgeVotes, type Verdict } from "./verdict.ts";
import { castVote } from "./vote.ts";
import type { AlarmChange } from "./witness.ts";

/** What one evaluation of an application judges by. */
export type Observations = {
  plan: Plan;
  row: Row;
  before: Evidence | null;
  controls: Controls;
  maintenance: Window | null;
  sensors: SensorReport[];
  storm: FailoverIntent[];
  answers: Answers;
  change: AlarmChange | null;
  issue: HealthIssue | null;
  /** When the witnesses were asked, and when it is judged what they said. */
  asked: Date;
  now: Date;
};

type Readable = Pick<Observations, "plan" | "before" | "sensors" | "answers" | "change" | "issue" | "asked" | "now">;

/** What one evaluation comes to; nothing of it has been written or done. */
export type Evaluation = {
  evidence: Evidence;
  decision: Decision & { at: string };
  /** To be written into the list that all applications share. */
  intent: FailoverIntent | null;
  /** The applications that a storm has to ask about, in the order of their priority. */
  massFailover: FailoverIntent[] | null;
  /** When the evaluation is to begin that completes the verdict (ISO 8601); null when none is to be booked. */
  bookAt: string | null;
  /** What people are to be notified of now; null when there is nothing, or another evaluation is sending it. */
  notice: (Decision & { at: string }) | null;
};

/** Everything that detect decides, from what was read: votes, verdict, arming, incident, decision. */
export const evaluate = (observed: Observations): Evaluation => {
  const { plan, row, before, controls, maintenance, asked, now } = observed;
  const { detect } = plan;
  const { sustainedSeconds } = detect.verdict;
  const { heartbeats, issues, readings } = readAll(observed);
  const votes = Object.fromEntries(
    readings.map(([{ name }, reading]) => [name, castVote(own(before?.votes, name), reading, asked, sustainedSeconds)]),
  );

  const primary = watchedOf(plan);
  const verdict = judgeVotes({ detect, primary, votes, before: before?.verdict ?? null, now });
  const watching = row.active === primary && (row.phase === "protected" || row.phase === "running");
  const lastRunEndedAt = row.lastRun?.endedAt ?? null;
  const { armAfterHealthySeconds } = detect;
  const armed = arm(before, verdict, now, { armAfterHealthySeconds, lastRunEndedAt, watching });
  const incident = followIncident(before?.incident ?? null, verdict, armed.greenSince, now, sustainedSeconds);
  const given = {
    detect,
    primary,
    row,
    controls,
    maintenance,
    armedAt: armed.armedAt,
    incident,
    storm: null,
    now,
    doubt: doubtOf(plan, votes),
  };

  const wants =
    isAgainstRegion(detect, primary, votes) && decide({ ...given, verdict: asIfDue(verdict) }).action === "act";
  const intent = wants ? intentOf(plan, votes, now) : null;
  const storm = intent && massFailoverOf(observed.storm, intent, now);
  const decision = { ...decide({ ...given, verdict, storm: storm?.because ?? null }), at: now.toISOString() };
  const bookAt = decision.code === "Degraded" ? dueAt(verdict, sustainedSeconds) : null;
  const revision = (before?.revision ?? 0) + 1;
  const pending = pendingNoticeAfter(before, decision);
  return {
    evidence: {
      votes,
      ...armed,
      verdict,
      decision,
      incident,
      revision,
      heard: heartbeats,
      issues,
      lookAt: bookAt,
      untold: pending,
    },
    decision,
    intent: intent && intentToSave(observed.storm, intent, now),
    massFailover: decision.code === "Storm" ? (storm?.applications ?? null) : null,
    bookAt: bookAt === before?.lookAt || (bookAt ?? "") <= now.toISOString() ? null : bookAt && beginAt(bookAt, now),
    notice: noticeDue(pending, decision, now),
  };
};

const readAll = (observed: Readable) => {
  const { plan, before, answers, asked, now } = observed;
  const heartbeats = recordHeartbeats(before?.heard ?? {}, before?.verdict.at ?? null, observed.sensors, asked);
  const issues = keepIssues(before?.issues ?? {}, observed.issue, now);
  const known = { ...observed, heartbeats, issues, home: homeOf(plan), now: asked };
  const readings = plan.detect.witnesses.map(
    (witness) => [witness, readWitness(witness, answers, own(before?.votes, witness.name), known)] as const,
  );
  return { heartbeats, issues, readings };
};

/** Whether something is red that our own lines may have made red: then a third Region is asked before it is believed. */
export const needsControl = (observed: Readable): boolean =>
  readAll(observed).readings.some(
    ([witness, { state }]) => state === "unhealthy" && isSeenFromHere(witness, homeOf(observed.plan)),
  );

/** The evidence after this incident's run was started, or its message sent; null when it is about another one by now. */
export const handled = (evidence: Evidence, id: string, at: string, answer: IncidentAnswer): Evidence | null =>
  evidence.incident?.id === id
    ? {
        ...evidence,
        incident: { ...evidence.incident, answeredAt: at, answer },
        revision: (evidence.revision ?? 0) + 1,
      }
    : null;

/** An intent is written as soon as there is a quorum, so that all of a storm know of each other when the first is due. */
const asIfDue = (verdict: Verdict): Verdict => ({ ...verdict, code: "RegionUnhealthy" });

const intentOf = (plan: Plan, votes: Evidence["votes"], now: Date): FailoverIntent => ({
  application: plan.application,
  priority: plan.priority,
  primary: watchedOf(plan),
  regional: hasRegionalRed(plan.detect, watchedOf(plan), votes),
  at: now.toISOString(),
});

/** The first whole second at which a degraded verdict is sustained. */
const dueAt = ({ since }: Verdict, sustainedSeconds: number) =>
  new Date((Math.ceil(Date.parse(since) / 1_000) + sustainedSeconds) * 1_000).toISOString();

/**
 * An evaluation takes some seconds where a Region does not answer: one that begins so long before the verdict is due has its answers by
 * then, and judges at that moment.
 */
export const leadSeconds = 8;

const beginAt = (due: string, now: Date) => {
  const early = new Date(Date.parse(due) - leadSeconds * 1_000);
  return early > now ? early.toISOString() : due;
};

/** Seconds until the verdict that the evaluation before is waiting for can be complete; 0 when that is not about to be. */
export const secondsToDue = (before: Evidence | null, now: Date): number => {
  const seconds = before?.lookAt ? (Date.parse(before.lookAt) - now.getTime()) / 1_000 : 0;
  return seconds > 0 && seconds <= leadSeconds ? seconds : 0;
};
