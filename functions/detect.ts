import * as z from "zod/mini";
import { startOnce } from "./aws/executions.ts";
import { putTakeover } from "./aws/metrics.ts";
import { type Decision, decide } from "./core/decide.ts";
import { type DropCode, isWitness, readEvent } from "./core/events.ts";
import { arm, castVote, type Evidence, type EvidenceIncident, followIncident } from "./core/evidence.ts";
import { incidentRunName } from "./core/names.ts";
import type { Plan } from "./core/plan.ts";
import type { Row } from "./core/row.ts";
import { judgeVotes, type Verdict } from "./core/verdict.ts";
import type { AlarmChange } from "./core/witness.ts";
import type { Context } from "./runtime/context.ts";
import { notify } from "./runtime/notify.ts";
import { step } from "./runtime/step.ts";
import { readWitnesses } from "./runtime/witnesses.ts";

export type DetectResult = { decision: Decision; verdict: Verdict } | { dropped: string };

/** One tick of one application, or a change of one of its alarms: evidence, verdict, decision, heartbeat of the switch. */
export const detect = async (event: unknown, context: Context): Promise<DetectResult> => {
  const { store, clients, settings, log } = context;
  const incoming = readEvent(event);
  if ("dropped" in incoming) return drop(context, incoming.dropped, incoming.because);

  const { application, change } = incoming;
  const [planVersion, row, before] = await Promise.all([
    store.currentPlanVersion(application),
    store.row(application),
    store.evidence<Evidence>(application),
  ]);
  if (!planVersion || !row) return drop(context, "UnknownApplication", `${application} has no plan in this Region`);
  const plan = await store.plan(application, planVersion);
  if (change && !isWitness(plan, change))
    return drop(context, "UnknownAlarm", `${change.alarm} in ${change.region} is no witness of ${application}`);

  try {
    const seen = await look(context, plan, row, before, change);
    const evidence = await follow(context, plan, before, seen);
    return { decision: evidence.decision!, verdict: evidence.verdict };
  } finally {
    await putTakeover(clients, settings.region, application, row.switch).catch((error: Error) =>
      log.warn("heartbeat not published", { code: error.name, message: error.message }),
    );
  }
};

export const handler = step("detect", z.unknown(), detect);

const drop = ({ metrics, log }: Context, code: DropCode, because: string) => {
  metrics.add("DroppedEvents", "Count", 1, { Reason: code });
  log.warn("event dropped", { code, because });
  return { dropped: because };
};

type Seen = Evidence & { decision: Decision & { at: string } };

/** Reads the witnesses and judges; nothing outside is changed. */
const look = async (
  context: Context,
  plan: Plan,
  row: Row,
  before: Evidence | null,
  change: AlarmChange | null,
): Promise<Seen> => {
  const { detect, regions } = plan;
  const { sustainedSeconds } = detect.verdict;
  const asked = context.now();
  const readings = await readWitnesses(context, detect.witnesses, change);
  // evidence is as old as its question, the judgement is made now: a tick that starts some milliseconds early loses no minute
  const now = context.now();
  const votes = Object.fromEntries(
    Object.entries(readings).map(([name, reading]) => [
      name,
      castVote(before?.votes[name], reading, asked, sustainedSeconds),
    ]),
  );
  const verdict = judgeVotes({ detect, primary: regions.primary, votes, before: before?.verdict ?? null, now });
  const { armAfterHealthySeconds } = detect;
  const armed = arm(before, verdict, now, { armAfterHealthySeconds, lastRunEndedAt: row.lastRun?.endedAt ?? null });
  const incident = followIncident(before?.incident ?? null, verdict, armed.greenSince, now, sustainedSeconds);
  const { armedAt } = armed;
  const decision = decide({ detect, primary: regions.primary, row, verdict, armedAt, incident, now });
  return { votes, ...armed, verdict, decision: { ...decision, at: now.toISOString() }, incident };
};

/** Writes the evidence down, then does what was decided, once per incident. */
const follow = async (context: Context, plan: Plan, before: Evidence | null, seen: Seen): Promise<Evidence> => {
  const { store, log } = context;
  const { application } = plan;
  const { decision, incident } = seen;
  await store.saveEvidence(application, seen);
  if (isNews(before?.decision, decision)) {
    log.info("decided", { application, ...decision });
    await store.record(application, entryOf(decision));
    if (decision.action === "hold" && worthTelling.has(decision.code))
      await notify(context, plan, "hold", messageOf(application, decision));
  }
  if (!incident || (decision.action !== "act" && decision.action !== "notify")) return seen;

  const answered = decision.action === "act" ? start(context, plan, incident, decision) : tell(context, plan, decision);
  if (!(await answered)) return seen;
  const evidence = { ...seen, incident: { ...incident, answeredAt: decision.at } };
  await store.saveEvidence(application, evidence);
  return evidence;
};

const isNews = (before: Decision | null | undefined, { action, code }: Decision) =>
  before?.action !== action || before.code !== code;

/** Holds in which Lifeboat would have acted or a person has to look; the others pass by themselves. */
const worthTelling = new Set(["ApplicationUnhealthy", "NotProtected", "Blocked", "NotArmed"]);

const entryOf = ({ at, action, code, because }: Decision & { at: string }) => ({
  run: "detect",
  state: at,
  subject: code,
  startedAt: at,
  endedAt: at,
  outcome: action,
  detail: { because },
});

const messageOf = (application: string, { action, code, because }: Decision) => ({
  subject: `Lifeboat: ${application}: ${action} ${code}`,
  text: `${application}: ${action} · ${code} · ${because}\n`,
});

/** Starts the run of the incident. That it was started before counts as answered; the message follows either way. */
const start = async (context: Context, plan: Plan, incident: EvidenceIncident, decision: Decision & { at: string }) => {
  const { clients, settings, log } = context;
  const { application } = plan;
  const { id, firstFailingAt } = incident;
  const name = incidentRunName(application, id);
  const input = { application, incident: { id, firstFailingAt, decidedAt: decision.at, because: decision.because } };
  const { started } = await startOnce(clients, settings.region, { machine: settings.failoverMachine, name, input });
  log.info(started ? "run started" : "run was started before", { application, name });
  if (started) await notify(context, plan, "decision", messageOf(application, decision));
  return true;
};

/** In the mode `notify` a person starts the run: answered only when some topic took the message, or there is none. */
const tell = async (context: Context, plan: Plan, decision: Decision) => {
  const { application } = plan;
  const { subject, text } = messageOf(application, decision);
  const howTo = `To fail over, start the failover machine with { "application": "${application}" }.\n`;
  const { sent, warnings } = await notify(context, plan, "decision", { subject, text: text + howTo });
  return sent.length > 0 || warnings.length === 0;
};
