import { passesByItself } from "../aws/calls/errors.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Context } from "../runtime/context.ts";
import { notify } from "./notify.ts";

/** By container, application: when people were notified last that evaluations fail. The table may be what fails, so it stands nowhere else. */
const reportedAt = new WeakMap<Context, Map<string, number>>();
const againSeconds = 900;

/**
 * Notifies the topics, whatever `notify.on` says, that evaluations cannot do what they decide: a start that is refused, a table that
 * is not to be written. At once, then each quarter of an hour; a fault that passes by itself is left to the heartbeat.
 */
export const reportBroken = async (context: Context, plan: Plan, error: unknown): Promise<void> => {
  if (passesByItself(error)) return;
  const { application } = plan;
  const now = context.now().getTime();
  const before = reportedAt.get(context) ?? new Map<string, number>();
  const last = before.get(application);
  if (last !== undefined && now - last < againSeconds * 1_000) return;
  const { name, message } = error as Error;
  const { sent } = await notify(context, plan, "question", {
    subject: `Lifeboat: ${application}: its health is not watched`,
    text: [
      `lifeboat-detect cannot act for ${application}: ${name}: ${message}`,
      `Nothing starts by itself until this is fixed: see the role lifeboat-detect-${context.settings.region}, and the policies above it.`,
      `To fail over by hand, start the failover machine with { "application": "${application}" }.`,
      "",
    ].join("\n"),
  });
  if (sent.length > 0) reportedAt.set(context, before.set(application, now));
};
