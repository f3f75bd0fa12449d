import { codeOf, isPassing } from "../../../aws/calls/errors.ts";
import { documentResults, managedAmong, sendDocument } from "../../../aws/ssm.ts";
import { batchesOf } from "../../../core/batches.ts";
import type { CaptureProgress } from "../../../core/instances/capture/capture-progress.ts";
import { isFrozen, readinessOf, thawed } from "../../../core/instances/capture/consistency.ts";
import type { Plan, Resource } from "../../../core/model/plan.ts";
import type { Consistency, Manifest, Point } from "../../../core/model/recovery-point.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "./manifest-pages.ts";

export type Documents = NonNullable<Resource["consistency"]>;

/** Manifests of the servers whose snapshots may be taken now; and how many servers are not ready yet. */
export type ReadyServers = { ready: Manifest[]; pending: number };

/**
 * Brings the applications on these servers into a consistent state: sends `before` to those that did not get it yet, and
 * polls its result on the others. The manifests record it before it is sent, as `after` must follow in every case.
 */
export const freezeServers = async (
  context: Context,
  run: Run,
  documents: Documents,
  manifests: Manifest[],
): Promise<ReadyServers> => {
  const results = new Map<string, Awaited<ReturnType<typeof documentResults>>>();
  for (const command of new Set(manifests.flatMap(({ consistency }) => consistency?.command || [])))
    results.set(command, await documentResults(context.clients, run.source, command));

  const readied: ReadyServers = { ready: [], pending: 0 };
  const unsent: Manifest[] = [];
  for (const manifest of manifests) {
    const result = results.get(manifest.consistency?.command ?? "")?.get(manifest.server);
    const readiness = readinessOf(manifest, result, documents.withinSeconds, context.now());
    if (readiness.action === "ask") unsent.push(manifest);
    else if (readiness.action === "wait") readied.pending += 1;
    else readied.ready.push({ ...manifest, consistency: readiness.consistency });
  }
  if (unsent.length === 0) return readied;
  const asked = await ask(context, run, documents, unsent);
  return {
    ready: [...readied.ready, ...asked.filter((manifest) => !isFrozen(manifest))].sort(byServer),
    pending: readied.pending + asked.filter(isFrozen).length,
  };
};

const byServer = (a: Manifest, b: Manifest) => (a.server < b.server ? -1 : 1);

const ask = async (context: Context, run: Run, { before }: Documents, manifests: Manifest[]): Promise<Manifest[]> => {
  const { clients, store, now } = context;
  const managed = await managedAmong(
    clients,
    run.source,
    manifests.map(({ server }) => server),
  );
  const askedAt = now().toISOString();
  const noted = manifests.map((manifest): Manifest => {
    const isKnown = managed.has(manifest.server);
    const because = isKnown ? null : "Systems Manager does not reach it";
    return { ...manifest, consistency: { state: isKnown ? "asked" : "crash", command: null, askedAt, because } };
  });
  await store.saveManifests(noted);
  const instances = noted.filter(isFrozen).map(({ server }) => server);
  if (instances.length === 0) return noted;

  const sent = await send(context, run, before, instances);
  const asked = noted.map((manifest) =>
    isFrozen(manifest) ? { ...manifest, consistency: { ...(manifest.consistency as Consistency), ...sent } } : manifest,
  );
  await store.saveManifests(asked.filter(isFrozen));
  return asked;
};

/** A reply that was lost leaves `command` null. */
const send = async (context: Context, run: Run, document: string, instances: string[]) => {
  try {
    const command = await sendDocument(context.clients, run.source, { document, instances, comment: commentOf(run) });
    return { command, because: null };
  } catch (error) {
    const because = `${document}: ${codeOf(error)}: ${(error as Error).message}`;
    context.log.warn("document before was not sent", { because });
    return { command: null, because: isPassing(error) ? null : because };
  }
};

const commentOf = (run: Run) => `Lifeboat: ${run.name}`;

/**
 * Thaws the applications on these servers, and gives their manifests, saved; empty when AWS accepts no command now. A
 * server that Systems Manager cannot reach any more does not delay the others.
 */
export const thaw = async (
  context: Context,
  run: Run,
  { after }: Documents,
  manifests: Manifest[],
): Promise<Manifest[]> => {
  const frozen = manifests.filter(isFrozen).map(({ server }) => server);
  if (frozen.length > 0 && !(await sendToAll(context, run, after, frozen))) return [];
  const ended = manifests.map(thawed);
  await context.store.saveManifests(ended);
  return ended;
};

const sendToAll = async (context: Context, run: Run, document: string, instances: string[]): Promise<boolean> => {
  try {
    await sendDocument(context.clients, run.source, { document, instances, comment: commentOf(run) });
    return true;
  } catch (error) {
    const code = codeOf(error);
    context.log.warn("document after was not sent", { instances, code, because: (error as Error).message });
    if (isPassing(error)) return false;
    if (code !== "InvalidInstanceId" || instances.length === 1) return true;
    const sent: boolean[] = [];
    for (const instance of instances) sent.push(await sendToAll(context, run, document, [instance]));
    return sent.every(Boolean);
  }
};

/** Thaws every server of a point that is still frozen, as the point is discarded or was left incomplete. */
export const thawAll = async (context: Context, run: Run, documents: Documents, point: Point): Promise<void> => {
  await visitManifests(context, point, null, async (page): Promise<"more"> => {
    for (const frozen of batchesOf(page.filter(isFrozen), frozenPerCommand))
      await thaw(context, run, documents, frozen);
    return "more";
  });
};
/** Instances of one SendCommand. [SDK SSM: SendCommand] */
const frozenPerCommand = 50;

/**
 * Thaws all servers that a pass has frozen, when it loses its lease. Never throws, as the source Region may be
 * unreachable, and changes nothing that another execution reads.
 */
export const abandon = async (context: Context, run: Run, plan: Plan, captures: CaptureProgress[]): Promise<void> => {
  try {
    for (const { resource, point: id } of captures) {
      const documents = resourceOf(plan, resource).consistency;
      const point = documents && (await context.store.point(run.application, id));
      if (point) await thawAll(context, run, documents, point);
    }
  } catch (error) {
    context.log.warn("servers may still be frozen", { because: (error as Error).message });
  }
};
