import { codeOf, isPassing } from "../../../aws/calls/errors.ts";
import { documentResults, managedAmong, sendDocument } from "../../../aws/ssm.ts";
import { batchesOf } from "../../../core/batches.ts";
import type { Taking } from "../../../core/instances/capture/capture-progress.ts";
import { isHeld, readinessOf, released } from "../../../core/instances/capture/consistency.ts";
import type { Plan, Resource } from "../../../core/model/plan.ts";
import type { Consistency, Manifest, Point } from "../../../core/model/recovery-point.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "./manifest-pages.ts";

export type Documents = NonNullable<Resource["consistency"]>;

/** Servers whose snapshots may be taken now, as their manifests are to be; and how many must be waited for. */
export type Readied = { ready: Manifest[]; pending: number };

/**
 * Brings the applications on these servers into a consistent state: sends `before` to those that were not asked yet,
 * and looks how it fares on the others. That it is sent stands in the manifests before, as `after` must follow whatever
 * happens.
 */
export const makeReady = async (
  context: Context,
  run: Run,
  documents: Documents,
  manifests: Manifest[],
): Promise<Readied> => {
  const results = new Map<string, Awaited<ReturnType<typeof documentResults>>>();
  for (const command of new Set(manifests.flatMap(({ consistency }) => consistency?.command || [])))
    results.set(command, await documentResults(context.clients, run.source, command));

  const readied: Readied = { ready: [], pending: 0 };
  const unasked: Manifest[] = [];
  for (const manifest of manifests) {
    const result = results.get(manifest.consistency?.command ?? "")?.get(manifest.server);
    const readiness = readinessOf(manifest, result, documents.withinSeconds, context.now());
    if (readiness.action === "ask") unasked.push(manifest);
    else if (readiness.action === "wait") readied.pending += 1;
    else readied.ready.push({ ...manifest, consistency: readiness.consistency });
  }
  if (unasked.length === 0) return readied;
  const asked = await ask(context, run, documents, unasked);
  return {
    ready: [...readied.ready, ...asked.filter((manifest) => !isHeld(manifest))].sort(byServer),
    pending: readied.pending + asked.filter(isHeld).length,
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
  const instances = noted.filter(isHeld).map(({ server }) => server);
  if (instances.length === 0) return noted;

  const told = await send(context, run, before, instances);
  const asked = noted.map((manifest) =>
    isHeld(manifest) ? { ...manifest, consistency: { ...(manifest.consistency as Consistency), ...told } } : manifest,
  );
  await store.saveManifests(asked.filter(isHeld));
  return asked;
};

/** A reply that was lost leaves `command` null. */
const send = async (context: Context, run: Run, document: string, instances: string[]) => {
  try {
    const command = await sendDocument(context.clients, run.source, { document, instances, comment: commentOf(run) });
    return { command, because: null };
  } catch (error) {
    const because = `${document}: ${codeOf(error)}: ${(error as Error).message}`;
    context.log.warn("servers were not asked to be consistent", { because });
    return { command: null, because: isPassing(error) ? null : because };
  }
};

const commentOf = (run: Run) => `Lifeboat: ${run.name}`;

/**
 * Lets the applications on these servers go on, and gives the manifests as they are then, saved; empty when AWS takes no
 * command now. A server that Systems Manager does not reach any more keeps no other one waiting.
 */
export const letGoOn = async (
  context: Context,
  run: Run,
  { after }: Documents,
  manifests: Manifest[],
): Promise<Manifest[]> => {
  const held = manifests.filter(isHeld).map(({ server }) => server);
  if (held.length > 0 && !(await tellAll(context, run, after, held))) return [];
  const ended = manifests.map(released);
  await context.store.saveManifests(ended);
  return ended;
};

const tellAll = async (context: Context, run: Run, document: string, instances: string[]): Promise<boolean> => {
  try {
    await sendDocument(context.clients, run.source, { document, instances, comment: commentOf(run) });
    return true;
  } catch (error) {
    const code = codeOf(error);
    context.log.warn("servers were not told to go on", { instances, code, because: (error as Error).message });
    if (isPassing(error)) return false;
    if (code !== "InvalidInstanceId" || instances.length === 1) return true;
    const told: boolean[] = [];
    for (const instance of instances) told.push(await tellAll(context, run, document, [instance]));
    return told.every(Boolean);
  }
};

/** Lets every server of a point go on that still stands still, as its point is given up or was left half-way. */
export const releaseHeld = async (context: Context, run: Run, documents: Documents, point: Point): Promise<void> => {
  await visitManifests(context, point, null, async (page): Promise<"more"> => {
    for (const held of batchesOf(page.filter(isHeld), heldAtOnce)) await letGoOn(context, run, documents, held);
    return "more";
  });
};
/** Instances of one SendCommand. [SDK SSM: SendCommand] */
const heldAtOnce = 50;

/**
 * As a pass loses its lease in the middle: whatever it has asked to stand still goes on. Never throws, as the source may
 * be dark; and it changes nothing that another execution goes by.
 */
export const abandon = async (context: Context, run: Run, plan: Plan, takings: Taking[]): Promise<void> => {
  try {
    for (const { resource, point: id } of takings) {
      const documents = resourceOf(plan, resource).consistency;
      const point = documents && (await context.store.point(run.application, id));
      if (point) await releaseHeld(context, run, documents, point);
    }
  } catch (error) {
    context.log.warn("servers may still stand still", { because: (error as Error).message });
  }
};
