import * as z from "zod/mini";
import { createStore } from "./aws/store/store.ts";
import { createTable } from "./aws/store/table.ts";
import { type GuardResult, judgeGuard, summarizeGuard } from "./core/fence/guard.ts";
import type { Row } from "./core/model/row.ts";
import { fenceServers } from "./kinds/instances/fence/fence-servers.ts";
import { openUndoLog } from "./kinds/instances/fence/undo-log.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ application: z.string() });

/**
 * Invariant 2, each minute in the primary Region: when the row in the recovery Region says that the application failed over and
 * is active elsewhere, its servers that still run here are suspended, stopped or isolated. Anything unclear, and every
 * other phase, changes nothing; it never throws when the recovery Region does not answer. Safe to run twice.
 */
export const guard = async ({ application }: z.infer<typeof Input>, outside: Context): Promise<GuardResult> => {
  const context = { ...outside, store: homeStore(outside) };
  const result = await guardOnce(application, context).catch(
    ({ name, message }: Error): GuardResult => ({ code: "Unclear", because: `${name}: ${message}`, changed: [] }),
  );
  const { code, changed } = result;
  const metric = metricOf[code];
  if (metric) context.metrics.add(metric, "Count", Math.max(1, changed.length), { Application: application });
  context.log[metric ? "warn" : "info"]("guard", result);
  return result;
};

const guardOnce = async (application: string, context: Context): Promise<GuardResult> => {
  const { store, settings, now } = context;
  const startedAt = now();
  const judge = (row: Row | null) => judgeGuard(row, settings.region);
  const { row, planVersion } = await store.watched(application);
  const decision = judge(row);
  const { code, because } = decision;
  if (decision.action === "nothing" || !row || !planVersion)
    return { code: code === "ActiveElsewhere" ? "Unclear" : code, because, changed: [] };

  const plan = await store.plan(application, planVersion);
  const token = `${application} ${row.generation}`;
  const target = { context, application, region: settings.region, by: "guard", token };
  const undo = await openUndoLog(target, async () => undefined);
  let isAllowed = true;
  const outcome = await fenceServers(target, undo, {
    plan,
    known: undo.records.flatMap(({ kind, id }) => (kind === "server" ? [id] : [])),
    typesFrom: [settings.region],
    storesAmong: async (unlisted) => new Set(unlisted),
    // read again: a failback may have begun since
    mayAct: async ({ answered }) => {
      isAllowed = answered && judge(await store.row(application)).action === "isolate";
      return isAllowed;
    },
    mayStop: () => true,
  });
  const run = { application, name: `guard-${settings.region}` };
  for (const id of outcome.changed) {
    const subject = `${now().toISOString()} ${id}`;
    await recordStep(context, run, {
      state: "Guard",
      subject,
      startedAt,
      outcome: "Acted",
      detail: { id, because },
    });
  }
  return summarizeGuard(outcome, decision, settings.region, isAllowed);
};

export const handler = step("guard", Input, guard);

const metricOf: Partial<Record<GuardResult["code"], string>> = {
  Acted: "GuardActed",
  NotProven: "GuardNotProven",
  Unclear: "GuardUnclear",
};

/** One short attempt a call: a guard does not wait for the recovery Region. */
const homeStore = ({ clients, settings }: Context) =>
  createStore(createTable(clients, settings.home, settings.table, "optional"));
