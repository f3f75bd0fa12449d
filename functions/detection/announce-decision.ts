import { invokeOnce } from "../aws/scheduler.ts";
import { massMessage } from "../core/approval/mass-message.ts";
import type { Decision } from "../core/detect/decide-action.ts";
import type { Evidence } from "../core/detect/evidence.ts";
import { type AnnouncedMessage, type FailoverIntent, isAnnounced } from "../core/detect/mass-failover.ts";
import { verdictNumbers } from "../core/detect/verdict.ts";
import { stateNumbers } from "../core/detect/witness.ts";
import type { Plan } from "../core/model/plan.ts";
import { lookName } from "../core/names.ts";
import { isHeard, notify } from "../operators/notify.ts";
import type { Context } from "../runtime/context.ts";

type Decided = Decision & { at: string };

/** Writes a new decision into the log and the ledger, where the report of its run finds it. */
export const announceNews = async (
  { store, log }: Context,
  { application }: Plan,
  decision: Decided,
): Promise<void> => {
  const { at, action, code, because } = decision;
  log.info("decided", { application, ...decision });
  await store.record(application, {
    run: "detect",
    state: at,
    subject: code,
    startedAt: at,
    endedAt: at,
    outcome: action,
    detail: { because },
  });
};

/** Tells of a run that begins, or of a hold that people have to know of: true when some topic took it, or none wants it. */
export const announceDecision = async (context: Context, plan: Plan, decision: Decision): Promise<boolean> =>
  isHeard(
    await notify(context, plan, decision.action === "act" ? "decision" : "hold", messageOf(plan.application, decision)),
  );

/**
 * Announces a mass failover: each topic gets one message, with all of its applications, from the first look that comes to it, and again
 * with one that joins later. A run that asks beside it announces itself, as soon as it knows what it asks about.
 */
export const announceMassFailover = async (
  context: Context,
  plan: Plan,
  decision: Decided,
  stormed: FailoverIntent[],
  toldBefore: (topic: string) => AnnouncedMessage | null,
): Promise<void> => {
  const { store, settings } = context;
  const message = { at: decision.at, applications: stormed.map(({ application }) => application) };
  const claim = async (topic: string) => {
    let before = toldBefore(topic);
    for (let tries = 0; tries < claimsMax && !isAnnounced(before, stormed, plan.application); tries++) {
      if (await store.claimStorm(topic, message, before?.at ?? null)) return [topic];
      before = (await store.watched(plan.application)).stormTold(topic);
    }
    return isAnnounced(before, stormed, plan.application) ? [] : [topic];
  };
  const topics = (await Promise.all(plan.notify.topics.map(claim))).flat();
  const { sent } = await notify(
    context,
    { ...plan, notify: { ...plan.notify, topics } },
    "question",
    massMessage(decision.because, stormed, { region: settings.region, machine: settings.failoverMachine }),
  );
  // a run whose message did not come so far asks itself
  if (sent.length > 0) await store.stormSent(sent, message.at);
};
/** So often others may be faster; then a message too many is better than a question that nobody hears. */
const claimsMax = 3;

/** In the mode `notify` a person starts the run: true when some topic took the message, or there is none. */
export const askPerson = async (context: Context, plan: Plan, decision: Decision): Promise<boolean> => {
  const { subject, text } = messageOf(plan.application, decision);
  const howTo = `To fail over, start the failover machine with { "application": "${plan.application}" }.\n`;
  return isHeard(await notify(context, plan, "decision", { subject, text: text + howTo }));
};

const messageOf = (application: string, { action, code, because }: Decision) => ({
  subject: `Lifeboat: ${application}: ${action} ${code}`,
  text: `${application}: ${action} · ${code} · ${because}\n`,
});

/** Books one more evaluation at the moment when the verdict can be complete. The tick of that minute comes anyway: never an error. */
export const bookEvaluation = async (
  { clients, settings, log }: Context,
  application: string,
  at: string,
): Promise<void> => {
  const { region, detectFunction: target, schedulerRole: role } = settings;
  if (!target || !role) return;
  try {
    await invokeOnce(clients, region, { ...lookName(application, at), at, target, role, input: { application } });
  } catch (error) {
    const { name, message } = error as Error;
    log.warn("no further evaluation was booked", { application, at, code: name, because: message });
  }
};

/**
 * What the dashboard shows of an application: its verdict and the state of each witness, as numbers, but for what is
 * healthy: a metric costs by the hours in which it is sent.
 */
export const measure = ({ metrics }: Context, { application }: Plan, { verdict, votes }: Evidence): void => {
  if (verdict.code !== "Healthy")
    metrics.add("Verdict", "Count", verdictNumbers[verdict.code], { Application: application });
  for (const [Witness, { state }] of Object.entries(votes))
    if (state !== "healthy")
      metrics.add("WitnessState", "Count", stateNumbers[state], { Application: application, Witness });
};
