import { startOnce } from "../aws/executions.ts";
import type { Watched } from "../aws/store/detect-items.ts";
import { finishMove } from "../aws/store/lease.ts";
import type { Decision } from "../core/detect/decide-action.ts";
import { homeOf, servesWhereProtected, sideOf } from "../core/model/direction.ts";
import type { Plan, Traffic } from "../core/model/plan.ts";
import type { Row, Unfinished } from "../core/model/row.ts";
import { judgeUnfinished, resumeRunName, unfinishedSentence } from "../core/run/unfinished.ts";
import { type TrafficReading, updateTrafficPlace } from "../core/traffic/traffic-place.ts";
import { isLastStep } from "../core/traffic/weights.ts";
import { announceNews } from "../detection/announce-decision.ts";
import { isHeard, notify } from "../operators/notify.ts";
import type { Context } from "../runtime/context.ts";
import { recordStep } from "../runtime/ledger.ts";
import { movedStep } from "./moved-step.ts";
import { observeTraffic } from "./traffic-place.ts";

/**
 * While no run is on: is traffic where the row says? A difference is reported once, and never changed by
 * itself; a move that ended in the middle is continued. Never throws: the evaluation counts without it.
 */
export const watchMove = async (
  context: Context,
  plan: Plan,
  { row, controls, trafficPlace: before }: Watched,
): Promise<void> => {
  const { traffic, application } = plan;
  if (!traffic || !row || row.run || row.phase === "running") return;
  const { store, metrics, log, now } = context;
  try {
    const seen = await observeTraffic(context, plan, traffic, sideOf(plan, row.active));
    // a metric costs by the hours in which it is sent: none is sent while traffic is where it should be
    if (seen.code === "Elsewhere") metrics.add("TrafficElsewhere", "Count", 1, { Application: application });

    const place = await placeOfMove(context, traffic, row, seen);
    const decision = judgeUnfinished(traffic, row, place, controls, now());
    const last = lastUnfinished(row);
    if (last && decision?.code === "MoveFinished") await finish(context, plan, row, last, decision);
    if (last && decision?.action === "act") await continueMove(context, plan, last, decision);

    const report = updateTrafficPlace(before, seen, row, now());
    if (!report || !(await store.saveTrafficPlace(application, report, before))) return;
    if (isHeard(await notify(context, plan, "decision", placeMessage(plan, row, report))))
      await store.saveTrafficPlace(application, { ...report, told: true, revision: report.revision + 1 }, report);
    const code = report.code === "Elsewhere" ? "TrafficElsewhere" : "TrafficBack";
    if (report.since === report.at)
      await announceNews(context, plan, { action: "hold", code, because: report.because, at: report.at });
  } catch (error) {
    log.warn("traffic could not be watched", { code: (error as Error).name, because: (error as Error).message });
  }
};

type UnfinishedRun = NonNullable<Row["lastRun"]> & { unfinished: Unfinished };

const lastUnfinished = ({ lastRun }: Row): UnfinishedRun | null =>
  lastRun?.unfinished ? { ...lastRun, unfinished: lastRun.unfinished } : null;

/** An answer from the new side alone finishes no move: only one step of its weights, or one of its zones, may be done. */
const placeOfMove = async (context: Context, traffic: Traffic, { application, lastRun }: Row, seen: TrafficReading) => {
  if (!lastRun?.unfinished || traffic.switch !== "records" || seen.code !== "Here") return seen;
  const step = await movedStep(context, application, lastRun.unfinished.of);
  if (step !== null && isLastStep(traffic, step)) return seen;
  return { code: "Unknown" as const, because: "not all of its records have moved" };
};

/** Starts the run that continues from Reroute; the row names the move. */
const continueMove = async (context: Context, plan: Plan, { unfinished }: UnfinishedRun, decision: Decision) => {
  const { clients, settings, now } = context;
  const { application } = plan;
  const { of, tries } = unfinished;
  const input = { application, by: "detect", resume: true, reason: decision.because };
  const name = resumeRunName(of, tries);
  const { started } = await startOnce(clients, settings.region, { machine: settings.failoverMachine, name, input });
  if (!started) return;
  const subject = `Lifeboat: ${application}: ${decision.action} ${decision.code}`;
  await notify(context, plan, "decision", {
    subject,
    text: `${application}: ${decision.because}; ${name} continues the move.\n`,
  });
  await announceNews(context, plan, { ...decision, at: now().toISOString() });
};

/** Reports that users are served after all, and has the report of the run written once more, with its RTO. */
const finish = async (context: Context, plan: Plan, row: Row, last: UnfinishedRun, { code, because }: Decision) => {
  const { application } = plan;
  const { id, name, endedAt, unfinished } = last;
  const seenAt = context.now();
  const served = { done: true, servedAt: seenAt.toISOString(), answers: [], because };
  const subject = `Lifeboat: ${application}: users are now served in ${row.active}`;
  const text = `${application}: ${code} · ${because}, seen at ${served.servedAt}. See the report of ${name} for the RTO.\n`;
  if (!isHeard(await notify(context, plan, "done", { subject, text }))) return;
  for (const run of new Set([name, unfinished.of]))
    await recordStep(
      context,
      { application, name: run },
      { state: "VerifyTraffic", startedAt: seenAt, outcome: "Served", detail: served },
    );
  await context.store.saveUntoldRun(application, {
    id,
    name,
    machine: "failover",
    acquiredAt: endedAt,
    again: true,
    since: served.servedAt,
    triedAt: served.servedAt,
  });
  await finishMove(context, row);
  await announceNews(context, plan, { action: "none", code, because, at: served.servedAt });
};

const placeMessage = (plan: Plan, { active, lastRun }: Row, { code, because }: TrafficReading) => {
  const { application, traffic } = plan;
  if (code === "Here")
    return {
      subject: `Lifeboat: ${application}: hold TrafficBack`,
      text: `${application}: traffic goes to ${active} again, as the state record says.\n`,
    };
  const unfinished = lastRun?.unfinished;
  if (unfinished)
    return {
      subject: `Lifeboat: ${application}: hold TrafficElsewhere`,
      text: [
        `The state record says that ${application} is active in ${active}, but traffic goes elsewhere: ${because}.`,
        unfinishedSentence(unfinished, application),
        "",
      ].join("\n"),
    };
  const who =
    traffic?.switch === "takeover"
      ? `Find out who else publishes the metric Lifeboat/Takeover in ${homeOf(plan)}, or who changed a record or a health check`
      : "Find out who changed the switch";
  return {
    subject: `Lifeboat: ${application}: hold TrafficElsewhere`,
    text: [
      `The state record says that ${application} is active in ${active}, but traffic goes elsewhere: ${because}.`,
      `Lifeboat changes nothing by itself. ${who}, and undo it.`,
      ...(!servesWhereProtected(plan, { active })
        ? [`To move traffic to ${active} again, start the failover machine with { "application": "${application}" }.`]
        : []),
      "",
    ].join("\n"),
  };
};
