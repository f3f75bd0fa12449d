import * as z from "zod/mini";
import { createStore } from "./aws/store/store.ts";
import { createTable } from "./aws/store/table.ts";
import { judgeGuard } from "./core/fence/guard.ts";
import type { Row } from "./core/model/row.ts";
import { fenceServers } from "./kinds/instances/fence/fence-servers.ts";
import { openMemory } from "./kinds/instances/fence/undo-log.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ application: z.string() });

export type GuardResult = {
  code: "Unclear" | "NotFailedOver" | "ActiveHere" | "Quiet" | "Acted" | "NotProven";
  because: string;
  /** Servers, subnets and Auto Scaling groups that were changed just now. */
  changed: string[];
};

/**
 * Law 2, each minute in the primary Region: when the row in the recovery Region says that the application failed over and
 * is active elsewhere, whatever still runs of it here is suspended, stopped or isolated. Anything unclear, and every
 * other phase, is left alone; it never throws for want of the recovery Region. Safe to run twice.
 */
export const guard = async ({ application }: z.infer<typeof Input>, outside: Context): Promise<GuardResult> => {
  const context = { ...outside, store: homeOf(outside) };
  const { store, settings, metrics, log, now } = context;
  const startedAt = now();
  const end = (code: GuardResult["code"], because: string, changed: string[] = []): GuardResult => {
    const metric = metricOf[code];
    if (metric) metrics.add(metric, "Count", Math.max(1, changed.length), { Application: application });
    log[metric ? "warn" : "info"]("guard", { code, because, changed });
    return { code, because, changed };
  };
  const judge = (row: Row | null) => judgeGuard(row, settings.region);

  try {
    const { row, planVersion } = await store.watched(application);
    const decision = judge(row);
    if (decision.action === "nothing" || !row || !planVersion)
      return end(decision.code === "ActiveElsewhere" ? "Unclear" : decision.code, decision.because);

    const plan = await store.plan(application, planVersion);
    const token = `${application} ${row.generation}`;
    const place = { context, application, region: settings.region, by: "guard", token };
    const memory = await openMemory(place, async () => undefined);
    const known = memory.held.flatMap(({ kind, id }) => (kind === "server" ? [id] : []));
    const leave = { isTaken: false };
    const { answered, problems, changed, servers, groups, hanging } = await fenceServers(place, memory, {
      plan,
      known,
      typesFrom: [settings.region],
      storesAmong: async (unlisted) => new Set(unlisted),
      // read again: a failback may have begun since
      mayAct: async (found) => {
        const isStill = found.answered && judge(await store.row(application)).action === "isolate";
        leave.isTaken = !isStill;
        return isStill;
      },
      mayStop: () => true,
    });
    for (const id of changed) {
      const run = { application, name: `guard-${settings.region}` };
      const subject = `${now().toISOString()} ${id}`;
      await recordStep(context, run, {
        state: "Guard",
        subject,
        startedAt,
        outcome: "Acted",
        detail: { id, because: decision.because },
      });
    }
    const open = servers.filter(({ state }) => mustNotStay.has(state)).map(({ server }) => server);
    const left = [
      ...problems,
      ...[...open, ...groups.open].map((id) => `${id} still runs`),
      ...hanging.map((id) => `${id} hangs as it stops`),
    ];
    if (!answered) return end("NotProven", `${settings.region} does not tell what it runs`);
    if (leave.isTaken) return end("Unclear", "the row changed, or could not be read again");
    if (changed.length > 0) return end("Acted", [decision.because, ...left].join("; "), changed);
    return left.length > 0 ? end("NotProven", left.join("; ")) : end("Quiet", decision.because);
  } catch (error) {
    const { name, message } = error as Error;
    return end("Unclear", `${name}: ${message}`);
  }
};

export const handler = step("guard", Input, guard);

const metricOf: Partial<Record<GuardResult["code"], string>> = {
  Acted: "GuardActed",
  NotProven: "GuardNotProven",
  Unclear: "GuardUnclear",
};

const mustNotStay = new Set(["pending", "running", "unknown"]);

/** One short attempt a call: a guard that waits for the recovery Region is of no use. */
const homeOf = ({ clients, settings }: Context) =>
  createStore(createTable(clients, settings.home, settings.table, "optional"));
