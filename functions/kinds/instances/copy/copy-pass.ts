import { memoryAfter, mustRecount } from "../../../core/instances/copy/finished-pass.ts";
import { type CopyMemory, mustCount } from "../../../core/instances/copy/pass-state.ts";
import { type PassSummary, summaryOf } from "../../../core/instances/copy/pass-summary.ts";
import type { PassFacts } from "../../../core/instances/copy/schedule-copies.ts";
import { judgePass } from "../../../core/instances/copy/schedule-copies.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { registerEarly } from "../catalog/early-images.ts";
import { checkSources } from "./check-sources.ts";
import { countQueue } from "./count-queue.ts";
import { readCopies, readQueue } from "./read-queue.ts";
import { settlePoints } from "./settle-points.ts";
import { startNext } from "./start-next.ts";

/**
 * One pass over the copy queue: reads it and what EC2 shows, decides, starts copies, settles points, and returns the
 * result, the metrics and the ledger's entry. `startedAt`: of the invocation, whose time bounds the acts. Safe to run twice.
 */
export const copyPass = async (
  context: Context,
  run: Run,
  plan: Plan,
  earlier: CopyMemory,
  startedAt: Date,
): Promise<PassSummary> => {
  const facts = await readFacts(context, run, plan, earlier);
  const { known, view } = facts;
  const shown = await readCopies(context, run, facts);

  const judged = judgePass(facts, shown, context.now());

  const order = await startNext(context, run, plan, facts, judged);
  const sources = await checkSources(context, run, order.chunks, order.changed);
  const lost = new Map([...judged.lost, ...sources.lost]);
  const queue = { chunks: sources.chunks, isCut: view.isCut, startedAt };
  const settled = await settlePoints(context, run, known.settling, lost, queue);
  await registerEarly(context, run, plan, { ...queue, settling: settled.settling });

  const now = context.now();
  const chunks = sources.chunks.filter(({ point }) => !lost.has(point));
  const pass = { facts, judged, order, settled, chunks };
  const memory = memoryAfter(pass, now);
  const counted = mustRecount(earlier, memory, pass) ? await countQueue(context, run, plan, memory) : memory;
  const summary = summaryOf(counted, pass, now);
  if (summary.demand) await context.store.saveDemand(summary.demand);
  return summary;
};

const readFacts = async (context: Context, run: Run, plan: Plan, earlier: CopyMemory): Promise<PassFacts> => {
  const known = mustCount(earlier) ? await countQueue(context, run, plan, earlier) : earlier;
  const demands = known.shared ? await context.store.demands() : [];
  const inTarget = demands.filter(({ target = run.target }) => target === run.target);
  return readQueue(context, run, known, inTarget);
};
