import { secondsSince } from "../core/clock/time.ts";
import { limits } from "../core/limits.ts";
import type { NotifyOn, Plan } from "../core/model/plan.ts";
import type { LedgerStep } from "../core/report/facts.ts";
import type { Context } from "../runtime/context.ts";
import { recordStep } from "../runtime/ledger.ts";
import { isHeard, notify } from "./notify.ts";

export type Delivery = { isDelivered: boolean; warnings: string[] };

/** What there is no message of, or what was sent before. */
const silent: Delivery = { isDelivered: true, warnings: [] };

/**
 * Reports the end of a run once: the reporter notes that in the ledger first, so that of two sweeps at the same
 * time one does. A reporter that died is one no longer after the longest time that it can have been at it.
 */
export const notifyOnce = async (
  context: Context,
  plan: Plan,
  kind: NotifyOn | null,
  { run, ledger }: { run: string; ledger: LedgerStep[] },
  message: { subject: string; text: string },
): Promise<Delivery> => {
  const { topics, on } = plan.notify;
  if (kind === null || topics.length === 0 || !on.includes(kind)) return silent;
  const startedAt = context.now();
  const before = ledger.find(({ state }) => state === "Notify") ?? null;
  if (before?.outcome === "Sent") return silent;
  const isSending = before?.outcome === "Sending" && secondsSince(before.startedAt, startedAt) < limits.functionSeconds;
  if (isSending || !(await claim(context, plan, run, before, startedAt))) return { isDelivered: false, warnings: [] };

  const notified = await notify(context, plan, kind, message);
  const { sent, warnings } = notified;
  const outcome = sent.length > 0 ? "Sent" : "NotSent";
  await recordStep(
    context,
    { application: plan.application, name: run },
    {
      state: "Notify",
      startedAt,
      outcome,
      detail: {
        topics: sent,
      },
    },
  );
  return { isDelivered: isHeard(notified), warnings };
};

/** False when another one was faster. */
const claim = ({ store }: Context, { application }: Plan, run: string, before: LedgerStep | null, startedAt: Date) => {
  const at = startedAt.toISOString();
  const entry = { run, state: "Notify", subject: "", startedAt: at, endedAt: at, outcome: "Sending", detail: {} };
  return store.claimRecord(application, entry, before);
};
