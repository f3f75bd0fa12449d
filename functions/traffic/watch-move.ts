import { startOnce } from "../aws/executions.ts";
import type { Watched } from "../aws/store/detect-items.ts";
import { finishMove } from "../aws/store/lease.ts";
import type { Decision } from "../core/detect/decide.ts";
import { homeOf, isAtHome, sideOf } from "../core/model/direction.ts";
import type { Plan, Traffic } from "../core/model/plan.ts";
import type { Row, Unfinished } from "../core/model/row.ts";
import { judgeUnfinished, resumeRunName, tellUnfinished } from "../core/run/unfinished.ts";
import { followPlace, type Place } from "../core/traffic/traffic-place.ts";
import { isLastStep } from "../core/traffic/weights.ts";
import { announceNews } from "../detection/announce-decision.ts";
import { isHeard, notify } from "../operators/notify.ts";
import type { Context } from "../runtime/context.ts";
import { recordStep } from "../runtime/ledger.ts";
import { movedStep } from "./moved-step.ts";
import { lookAtTraffic } from "./traffic-place.ts";

/**
 * While no run is on: is traffic where the row says? What disagrees is told, once, and never undone by itself; a move that
 * ended in the middle is gone on with. Never throws: the evaluation itself counts without it.
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
    const seen = await lookAtTraffic(context, plan, traffic, sideOf(plan, row.active));
    // a metric costs by the hours in which it is sent: what is well says nothing
    if (seen.code === "Elsewhere") metrics.add("TrafficElsewhere", "Count", 1, { Application: application });

    const place = await placeOfMove(context, traffic, row, seen);
    const decision = judgeUnfinished(traffic, row, place, controls, now());
    const last = lastUnfinished(row);
    if (last && decision?.code === "MoveFinished") await finish(context, plan, row, last, decision);
    if (last && decision?.action === "act") await goOn(context, plan, last, decision);

    const told = followPlace(before, seen, row, now());
    if (!told || !(await store.saveTrafficPlace(application, told, before))) return;
    if (isHeard(await notify(context, plan, "decision", placeMessage(plan, row, told))))
      await store.saveTrafficPlace(application, { ...told, told: true, revision: told.revision + 1 }, told);
    const code = told.code === "Elsewhere" ? "TrafficElsewhere" : "TrafficBack";
    if (told.since === told.at)
      await announceNews(context, plan, { action: "hold", code, because: told.because, at: told.at });
  } catch (error) {
    log.warn("traffic could not be watched", { code: (error as Error).name, because: (error as Error).message });
  }
};

type UnfinishedRun = NonNullable<Row["lastRun"]> & { unfinished: Unfinished };

const lastUnfinished = ({ lastRun }: Row): UnfinishedRun | null =>
  lastRun?.unfinished ? { ...lastRun, unfinished: lastRun.unfinished } : null;

/** An answer from the new side alone finishes no move: one step of its weights may be made, or one of its zones. */
const placeOfMove = async (context: Context, traffic: Traffic, { application, lastRun }: Row, seen: Place) => {
  if (!lastRun?.unfinished || traffic.switch !== "records" || seen.code !== "Here") return seen;
  const step = await movedStep(context, application, lastRun.unfinished.of);
  if (step !== null && isLastStep(traffic, step)) return seen;
  return { code: "Unknown" as const, because: "not all of its records have moved" };
};

/** Starts the run that goes on from Reroute; the row says itself what it goes on with. */
const goOn = async (context: Context, plan: Plan, { unfinished }: UnfinishedRun, decision: Decision) => {
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
    text: `${application}: ${decision.because}; ${name} goes on with it.\n`,
  });
  await announceNews(context, plan, { ...decision, at: now().toISOString() });
};

/** Tells that users are served after all, and lets the run's report be written once more, with its RTO. */
const finish = async (context: Context, plan: Plan, row: Row, last: UnfinishedRun, { code, because }: Decision) => {
  const { application } = plan;
  const { id, name, endedAt, unfinished } = last;
  const seenAt = context.now();
  const served = { done: true, servedAt: seenAt.toISOString(), answers: [], because };
  const subject = `Lifeboat: ${application}: users are served in ${row.active} now`;
  const text = `${application}: ${code} · ${because}, seen at ${served.servedAt}. The report of ${name} says with which RTO.\n`;
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

const placeMessage = (plan: Plan, { active, lastRun }: Row, { code, because }: Place) => {
  const { application, traffic } = plan;
  if (code === "Here")
    return {
      subject: `Lifeboat: ${application}: hold TrafficBack`,
      text: `${application}: traffic is where the row says again: ${active}.\n`,
    };
  const unfinished = lastRun?.unfinished;
  if (unfinished)
    return {
      subject: `Lifeboat: ${application}: hold TrafficElsewhere`,
      text: [
        `${application} is served from ${active}, says the row, but traffic goes elsewhere: ${because}.`,
        tellUnfinished(unfinished, application),
        "",
      ].join("\n"),
    };
  const who =
    traffic?.switch === "takeover"
      ? `Look who else publishes the metric Lifeboat/Takeover in ${homeOf(plan)}, or changed a record or a health check by hand`
      : "Look who changed the switch by hand";
  return {
    subject: `Lifeboat: ${application}: hold TrafficElsewhere`,
    text: [
      `${application} is served from ${active}, says the row, but traffic goes elsewhere: ${because}.`,
      `Nothing is changed by itself. ${who}, and put it back.`,
      ...(!isAtHome(plan, { active })
        ? [`To turn traffic to ${active} again, start the failover machine with { "application": "${application}" }.`]
        : []),
      "",
    ].join("\n"),
  };
};
