import * as z from "zod/mini";
import { startOnce } from "./aws/executions.ts";
import type { Watched } from "./aws/store/detect-items.ts";
import { putTakeover } from "./aws/takeover.ts";
import type { Decision } from "./core/detect/decide-action.ts";
import { type Evaluation, evaluate, handled, needsControl, secondsToDue } from "./core/detect/evaluate.ts";
import { type Dropped, type Incoming, readEvent, strangerOf } from "./core/detect/events.ts";
import type { Evidence } from "./core/detect/evidence.ts";
import type { EvidenceIncident, IncidentAnswer } from "./core/detect/incident.ts";
import { maintenanceAt } from "./core/detect/maintenance.ts";
import { afterNotice } from "./core/detect/pending-notice.ts";
import type { Verdict } from "./core/detect/verdict.ts";
import { TransientError } from "./core/errors.ts";
import { isUndelivered } from "./core/model/approval-request.ts";
import type { Plan } from "./core/model/plan.ts";
import { incidentRunName } from "./core/names.ts";
import {
  announceDecision,
  announceMassFailover,
  announceNews,
  askPerson,
  bookEvaluation,
  measure,
} from "./detection/announce-decision.ts";
import { askControl, askWitnesses } from "./detection/ask-witnesses.ts";
import { startAgain } from "./detection/start-again.ts";
import { tellQuestion } from "./operators/announce-question.ts";
import { reportBroken } from "./operators/report-broken.ts";
import { measureReadiness } from "./readiness/measure-readiness.ts";
import { proveDaily } from "./readiness/prove-daily.ts";
import type { Context } from "./runtime/context.ts";
import { patiently } from "./runtime/patiently.ts";
import { sleep } from "./runtime/sleep.ts";
import { step } from "./runtime/step.ts";
import { watchMove } from "./traffic/watch-move.ts";

export type DetectResult = { decision: Decision; verdict: Verdict } | { dropped: string };

/**
 * One evaluation of one application, at a tick or an event: evidence, verdict, decision, and the heartbeat of the switch. What
 * was decided is started before anything is sent. Only an evaluation that came to its end counts as one; the switch is published always.
 */
export const detect = async (event: unknown, context: Context): Promise<DetectResult> =>
  (await evaluateOnce(event, context)) ??
  (await evaluateOnce(event, context)) ??
  drop(context, { dropped: "PlanChanged", because: "the plan was deployed twice during this evaluation" });

/** Null when the plan was deployed or removed while the witnesses were asked: then nothing was written, started or sent. */
const evaluateOnce = async (event: unknown, context: Context): Promise<DetectResult | null> => {
  const { store, clients, settings, log } = context;
  const incoming = readEvent(event, accountOf(settings.failoverMachine));
  if ("dropped" in incoming) return drop(context, incoming);

  const { application, change, issue } = incoming;
  const watched = await store.watched(application);
  const { planVersion, row } = watched;
  if (!planVersion || !row)
    return drop(context, {
      dropped: "UnknownApplication",
      because: `${application} has no plan in this Region`,
    });
  const plan = await store.plan(application, planVersion);
  const stranger = strangerOf(plan, change, issue);
  if (stranger) return drop(context, stranger);

  let evaluated = false;
  try {
    const seen = await evaluateNow(context, plan, watched, incoming);
    if (!seen) return null;
    const { evaluation, watched: last } = seen;
    await follow(context, plan, evaluation, last);
    const { decision, evidence } = evaluation;
    const again =
      decision.code === "AlreadyActedOn" && evidence.incident && last.row
        ? await startAgain(context, plan, evidence.incident, last.row, evidence.verdict.because)
        : null;
    evaluated = true;
    await watchMove(context, plan, last);
    await proveDaily(context, plan, last, evidence.verdict.code);
    measureReadiness(context, plan, last);
    return { decision: again ?? decision, verdict: evidence.verdict };
  } catch (error) {
    await reportBroken(context, plan, error);
    throw error;
  } finally {
    await putTakeover(clients, settings.region, application, row.switch, evaluated).catch((error: Error) =>
      log.warn("heartbeat not published", { code: error.name, because: error.message }),
    );
  }
};

export const handler = step("detect", z.unknown(), patiently(detect));

const drop = ({ metrics, log }: Context, { dropped: code, because }: Dropped) => {
  metrics.add("DroppedEvents", "Count", 1, { Reason: code });
  log.warn("event dropped", { code, because });
  return { dropped: because };
};

/** The controller's own account, as the ARN of its machine names it. */
const accountOf = (arn: string) => arn.split(":")[4] || null;

const triesMax = 3;

/**
 * Reads the witnesses once, judges (when the verdict is about to be due, at that moment), and writes the evidence; when another
 * evaluation was faster, judges again upon that one's. Null when the plan by which it asked is none any more.
 */
const evaluateNow = async (context: Context, plan: Plan, first: Watched, incoming: Exclude<Incoming, Dropped>) => {
  const { store, now } = context;
  const { application } = plan;
  const asked = now();
  const seen = await askWitnesses(context, plan.detect.witnesses);
  const { change, issue } = incoming;
  const { control } = plan.detect;
  const { evidence: before, sensors } = first;
  const isRed = needsControl({ plan, before, sensors, answers: seen, change, issue, asked, now: now() });
  const answers = { ...seen, control: control && isRed ? await askControl(context, control) : null };
  const early = isRed ? secondsToDue(before, now()) : 0;
  if (early > 0) await sleep(early);
  // what people and other looks did in the meantime counts
  let watched = early > 0 ? await store.watched(application) : first;
  for (let tries = 1; tries <= triesMax; tries++) {
    const { planVersion, row, evidence: before, controls, sensors, storm } = watched;
    if (!row || planVersion !== first.planVersion) return null;
    // evidence is as old as its question, the judgement is made now: a tick that starts some milliseconds early loses no minute
    const judged = now();
    const evaluation = evaluate({
      plan,
      row,
      before,
      controls,
      sensors,
      storm,
      answers,
      asked,
      now: judged,
      change,
      issue,
      maintenance: maintenanceAt(plan.detect.maintenance, judged),
    });
    if (await store.saveEvaluation(application, evaluation.evidence, before)) return { evaluation, watched };
    watched = await store.watched(application);
  }
  throw new TransientError(
    `${application} is evaluated by another invocation at the same time`,
    "The next evaluation comes in a minute.",
  );
};

/** Does what was decided, once per incident; then announces it. */
const follow = async (
  context: Context,
  plan: Plan,
  { evidence, decision, intent, massFailover, bookAt, notice }: Evaluation,
  { evidence: before, row, asked, stormTold }: Watched,
): Promise<void> => {
  const { store, log, now } = context;
  const { application } = plan;
  const { incident } = evidence;
  let newest = evidence;
  if (intent)
    await store
      .saveStorm(intent)
      .catch((error: Error) => log.warn("intent not written", { code: error.name, because: error.message }));

  const markHandled = async ({ id }: EvidenceIncident, answer: IncidentAnswer) => {
    newest = await amend(context, application, newest, (evidence) => handled(evidence, id, decision.at, answer));
  };
  const moves = decision.action === "act" || decision.action === "ask";
  if (incident && (decision.action === "act" || decision.action === "ask")) {
    const started = await start(context, plan, incident, decision);
    await markHandled(incident, decision.action);
    if (started && massFailover) await announceMassFailover(context, plan, decision, massFailover, stormTold);
  }
  if (incident && decision.action === "notify" && (await askPerson(context, plan, decision)))
    await markHandled(incident, "notify");
  if (notice && (await announceDecision(context, plan, notice)))
    await amend(context, application, newest, (evidence) => afterNotice(evidence, notice));
  if (asked && row?.run && isUndelivered(asked, row.run.name, now())) await tellQuestion(context, plan, asked);

  const isNews = before?.decision?.action !== decision.action || before?.decision?.code !== decision.code;
  if (isNews || moves) await announceNews(context, plan, decision);
  if (bookAt) await bookEvaluation(context, application, bookAt);
  measure(context, plan, evidence);
};

/** Starts the run of the incident; false when it was started before. */
const start = async (
  { clients, settings, log }: Context,
  { application }: Plan,
  { id, firstFailingAt }: EvidenceIncident,
  { action, code, because, at }: Decision & { at: string },
): Promise<boolean> => {
  const name = incidentRunName(application, id);
  const asks = action === "ask" && { ask: true, ...(code === "Storm" && { storm: true }) };
  const input = { application, incident: { id, firstFailingAt, decidedAt: at, because, ...asks } };
  const { started } = await startOnce(clients, settings.region, { machine: settings.failoverMachine, name, input });
  log.info(started ? "run started" : "run was started before", { application, name });
  return started;
};

/** Notes in the evidence what was done. An evaluation in between may have written: the newest is what is changed, and given. */
const amend = async (
  { store, log }: Context,
  application: string,
  evidence: Evidence,
  change: (newest: Evidence) => Evidence | null,
): Promise<Evidence> => {
  let newest = evidence;
  for (let tries = 1; tries <= triesMax; tries++) {
    const changed = change(newest);
    if (!changed) return newest;
    if (await store.saveEvaluation(application, changed, newest)) return changed;
    newest = (await store.watched(application)).evidence ?? newest;
  }
  // the next evaluation starts the same run once more, and learns that it was started before; a message comes twice
  log.warn("what was done is not noted", { application, incident: evidence.incident?.id });
  return newest;
};
