import { codeOf } from "../../../aws/calls/errors.ts";
import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { createBudget } from "../../../core/budget.ts";
import { bySource, judgeEnded } from "../../../core/instances/copy/judge-copy.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import { limits } from "../../../core/limits.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { registerOrFind } from "./image.ts";

type EndedChunks = { chunks: QueueChunk[]; settling: { point: string }[]; startedAt: Date };

/**
 * Registers images of points that are still open, while their other copies run: of the servers all of whose copies
 * are in a chunk that has just ended, and are completed, as EC2 registers nothing from a pending snapshot. An open point is no more
 * usable for it. Servers that are not reached, or that fail, are left to Catalog. Safe to run twice.
 */
export const registerEarly = async (
  context: Context,
  run: Run,
  plan: Plan,
  { chunks, settling, startedAt }: EndedChunks,
): Promise<void> => {
  const open = new Set(settling.map(({ point }) => point));
  const spent = (context.now().getTime() - startedAt.getTime()) / 1_000;
  const budget = createBudget(limits.mutatingCallsPerPass, limits.startingSeconds - spent, context.now);
  for (const chunk of chunks.filter(({ point, entries }) => open.has(point) && entries.every(({ ended }) => ended))) {
    const resource = plan.protect.find(({ name }) => name === chunk.resource);
    const whole = resource ? await wholeServers(context, run, chunk) : [];
    const register = async (manifest: Manifest): Promise<Manifest[]> => {
      if (!budget.take()) return [];
      try {
        return [{ ...manifest, image: await registerOrFind(context, run, manifest, resource?.tags) }];
      } catch (error) {
        const { point, server } = manifest;
        context.log.warn("image left to Catalog", { point, server, code: codeOf(error) });
        return [];
      }
    };
    const registered = (await Promise.all(whole.map(register))).flat();
    if (registered.length > 0) await context.store.saveManifests(registered);
  }
};

/** Manifests of the servers without an image whose every volume has a completed copy in this chunk, with those copies. */
const wholeServers = async (context: Context, run: Run, chunk: QueueChunk): Promise<Manifest[]> => {
  const point = await context.store.point(run.application, chunk.point);
  if (point?.state !== "open") return [];
  const servers = point.servers.filter((server) => chunk.entries.some((entry) => entry.server === server));
  const manifests = await context.store.someManifests(run.application, point.id, servers);
  const copies = bySource(
    await listSnapshots(context.clients, run.target, [
      { Name: `tag:${tagKeys.application}`, Values: [run.application] },
      { Name: `tag:${tagKeys.sourceSnapshot}`, Values: chunk.entries.map(({ from }) => from) },
    ]),
  );
  const copyOf = new Map(
    chunk.entries.flatMap((entry) => {
      const verdict = judgeEnded(entry, copies.get(entry.from) ?? [], context.now());
      return verdict.outcome === "copied" ? [[entry.from, verdict.entry.copy] as const] : [];
    }),
  );
  return manifests.flatMap((manifest) => {
    const volumes = manifest.volumes.map((volume) => ({
      ...volume,
      snapshot: copyOf.get(volume.sourceSnapshot ?? "") ?? null,
    }));
    const isWhole = volumes.length > 0 && volumes.every(({ snapshot }) => snapshot !== null);
    return isWhole && !manifest.image && !manifest.byImage ? [{ ...manifest, volumes }] : [];
  });
};
