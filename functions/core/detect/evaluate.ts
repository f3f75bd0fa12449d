import { homeOf, watchedOf } from "../model/direction.ts";
import type { Controls } from "../model/operator-controls.ts";
import type { Plan } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { own } from "../own.ts";
import { type HealthIssue, keepIssues } from "./aws-health.ts";
import { type Decision, decide } from "./decide.ts";
import { arm, type Evidence } from "./evidence.ts";
import { listen } from "./heartbeat.ts";
import { followIncident, type IncidentAnswer } from "./incident.ts";
import type { Window } from "./maintenance.ts";
import { type StormEntry, stormOf, wishToSave } from "./mass-failover.ts";
import { tellNow, untoldAfter } from "./pending-notice.ts";
import { type Answers, isSeenFromHere, readWitness } from "./read-witness.ts";
import type { SensorReport } from "./sensor-report.ts";
import { doubtOf } from "./vantage.ts";
import { hasRegionalRed, isAgainstRegion, judgeVotes, type Verdict } from "./verdict.ts";
import { castVote } from "./vote.ts";
import type { AlarmChange } from "./witness.ts";

/** What one look at an application has to go by. */
export type Sight = {
  plan: Plan;
  row: Row;
  before: Evidence | null;
  controls: Controls;
  maintenance: Window | null;
  sensors: SensorReport[];
  storm: StormEntry[];
  answers: Answers;
  change: AlarmChange | null;
  issue: HealthIssue | null;
  /** When the witnesses were asked, and when it is judged what they said. */
  asked: Date;
  now: Date;
};

type Told = Pick<Sight, "plan" | "before" | "sensors" | "answers" | "change" | "issue" | "asked" | "now">;

/** What one look comes to; nothing of it has been written or done. */
export type Look = {
  evidence: Evidence;
  decision: Decision & { at: string };
  /** To be written into the list that all applications share. */
  wish: StormEntry | null;
  /** The applications that a storm has to ask about, in the order of their priority. */
  stormed: StormEntry[] | null;
  /** When the look is to begin that completes the verdict (ISO 8601); null when none is to be booked. */
  bookAt: string | null;
  /** What people are to hear of now; null when there is nothing, or another look is telling it. */
  tell: (Decision & { at: string }) | null;
};

/** Everything that detect decides, from what was read: votes, verdict, arming, incident, decision. */
export const judgeLook = (sight: Sight): Look => {
  const { plan, row, before, controls, maintenance, asked, now } = sight;
  const { detect } = plan;
  const { sustainedSeconds } = detect.verdict;
  const { heard, issues, readings } = readAll(sight);
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
  const wish = wants ? wishOf(plan, votes, now) : null;
  const storm = wish && stormOf(sight.storm, wish, now);
  const decision = { ...decide({ ...given, verdict, storm: storm?.because ?? null }), at: now.toISOString() };
  const bookAt = decision.code === "Degraded" ? dueAt(verdict, sustainedSeconds) : null;
  const revision = (before?.revision ?? 0) + 1;
  const untold = untoldAfter(before, decision);
  return {
    evidence: { votes, ...armed, verdict, decision, incident, revision, heard, issues, lookAt: bookAt, untold },
    decision,
    wish: wish && wishToSave(sight.storm, wish, now),
    stormed: decision.code === "Storm" ? (storm?.applications ?? null) : null,
    bookAt: bookAt === before?.lookAt || (bookAt ?? "") <= now.toISOString() ? null : bookAt && beginAt(bookAt, now),
    tell: tellNow(untold, decision, now),
  };
};

const readAll = (sight: Told) => {
  const { plan, before, answers, asked, now } = sight;
  const heard = listen(before?.heard ?? {}, before?.verdict.at ?? null, sight.sensors, asked);
  const issues = keepIssues(before?.issues ?? {}, sight.issue, now);
  const told = { ...sight, heard, issues, home: homeOf(plan), now: asked };
  const readings = plan.detect.witnesses.map(
    (witness) => [witness, readWitness(witness, answers, own(before?.votes, witness.name), told)] as const,
  );
  return { heard, issues, readings };
};

/** Whether something is red that our own lines may have made red: then a third Region is asked before it is believed. */
export const needsControl = (sight: Told): boolean =>
  readAll(sight).readings.some(
    ([witness, { state }]) => state === "unhealthy" && isSeenFromHere(witness, homeOf(sight.plan)),
  );

/** The evidence after this incident's run was started, or its message sent; null when it tells of another one by now. */
export const answered = (evidence: Evidence, id: string, at: string, answer: IncidentAnswer): Evidence | null =>
  evidence.incident?.id === id
    ? {
        ...evidence,
        incident: { ...evidence.incident, answeredAt: at, answer },
        revision: (evidence.revision ?? 0) + 1,
      }
    : null;

/** A wish is told of as soon as there is a quorum, so that all of a storm know of each other when the first is due. */
const asIfDue = (verdict: Verdict): Verdict => ({ ...verdict, code: "RegionUnhealthy" });

const wishOf = (plan: Plan, votes: Evidence["votes"], now: Date): StormEntry => ({
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
 * A look takes some seconds where a Region does not answer: one that begins so long before the verdict is due has its answers by
 * then, and judges at that moment.
 */
export const leadSeconds = 8;

const beginAt = (due: string, now: Date) => {
  const early = new Date(Date.parse(due) - leadSeconds * 1_000);
  return early > now ? early.toISOString() : due;
};

/** Seconds until the verdict that the look before is waiting for can be complete; 0 when that is not about to be. */
export const secondsToDue = (before: Evidence | null, now: Date): number => {
  const seconds = before?.lookAt ? (Date.parse(before.lookAt) - now.getTime()) / 1_000 : 0;
  return seconds > 0 && seconds <= leadSeconds ? seconds : 0;
};
