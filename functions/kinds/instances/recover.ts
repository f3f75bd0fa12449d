import { codeOf, isPassing } from "../../aws/errors.ts";
import type { Instance } from "../../aws/instances.ts";
import { describeSubnets } from "../../aws/subnets.ts";
import { tagSpecification } from "../../aws/tags.ts";
import { ResourceFailedError, TransientError } from "../../core/errors.ts";
import { launchRequest, reactionTo, tagsOf } from "../../core/launch-request.ts";
import { launchToken } from "../../core/names.ts";
import type { Resource } from "../../core/plan.ts";
import type { Manifest } from "../../core/point.ts";
import type { Run, ServerRef } from "../../core/run.ts";
import { type Slot, slotsOf, subnetIdsOf } from "../../core/slots.ts";
import type { Context } from "../../runtime/context.ts";
import { ensureImage } from "./image.ts";
import { endOf, findByTokens, findLaunched } from "./launched.ts";
import { startInstance } from "./start-instance.ts";

export type Recovery = {
  run: Run;
  server: ServerRef;
  resource: Resource;
  manifest: Manifest;
  /** First call of Launch for this server. */
  since: Date;
};

/** An instance, or when to come again. */
export type Recovered =
  | { instance: Instance; slot: string | null }
  | { instance: null; waitSeconds: number; because: string };

const slotsPerCall = 12;
const imageWaitSeconds = 5;
const capacityWaitSeconds = 20;
/** How long an image or a snapshot may stay invisible before it counts as missing. [EC2dev:eventual-consistency] */
const invisibleSecondsMax = 120;

/**
 * Finds or launches the instance of one server. The slot in use is written down before EC2 is asked for it, so that a
 * call that died half-way goes on with the same token, which gives the first instance back. Safe to run twice.
 * Throws ResourceFailedError when no later try can help.
 */
export const recoverServer = async (context: Context, recovery: Recovery): Promise<Recovered> => {
  const { run, server, resource, manifest } = recovery;
  const { live, dead } = await findLaunched(context, run, server);
  const subnets = await describeSubnets(context.clients, run.target, subnetIdsOf(resource.launch));
  const all = slotsOf(resource.launch, manifest, server.zone, subnets);
  const nameOf = (instance: Instance) =>
    all.find(({ name }) => launchToken(run.id, server.server, name) === instance.ClientToken)?.name ?? null;
  if (live) return { instance: live, slot: nameOf(live) };

  const spent = new Set(dead.map(nameOf));
  const slots = all.filter(({ name }) => !spent.has(name));
  if (slots.length === 0)
    throw new ResourceFailedError(
      all.length
        ? `${server.name}: no launch lived: ${dead.map(endOf).join(", ")}`
        : `${server.name}: no subnet takes it`,
      "See the reason that EC2 gives; a key that EC2 may not use shows as Client.InternalError.",
    );

  const image = manifest.image
    ? { id: manifest.image, available: true }
    : await ensureImage(context, run, manifest, resource.tags);
  if (!image.available)
    return { instance: null, waitSeconds: imageWaitSeconds, because: `${image.id} is not available yet` };
  return trySlots(context, recovery, slots, { image: image.id, userData: await userDataOf(context, recovery) });
};

type Given = { image: string; userData: string | null };

const trySlots = async (context: Context, recovery: Recovery, slots: Slot[], given: Given): Promise<Recovered> => {
  const { run, server } = recovery;
  const stored = await context.store.launchSlot(run.application, run.name, server.server);
  const first = Math.max(
    0,
    slots.findIndex(({ name }) => name === stored),
  );
  const refusals: { slot: string; code: string; capacity: boolean }[] = [];
  for (const [place, slot] of slots.entries()) {
    if (place < first) continue;
    if (place > first) {
      const earlier = await findEarlier(context, recovery, slots.slice(0, place));
      if (earlier) return earlier;
      await context.store.saveLaunchSlot(run.application, run.name, server.server, slot.name);
      if (place - first === slotsPerCall) return { instance: null, waitSeconds: 1, because: sentence(refusals) };
    }
    const tried = await trySlot(context, recovery, slot, given);
    if (!("code" in tried)) return tried;
    refusals.push(tried);
  }
  if (first === 0 && !refusals.some(({ capacity }) => capacity))
    throw new ResourceFailedError(
      `${server.name}: no slot suits: ${sentence(refusals)}`,
      "Add instance types or subnets to the plan's launch.",
    );
  const [best] = slots;
  if (best && slots.length > 1) await context.store.saveLaunchSlot(run.application, run.name, server.server, best.name);
  return { instance: null, waitSeconds: capacityWaitSeconds, because: sentence(refusals) };
};

const sentence = (refusals: { slot: string; code: string }[]) =>
  refusals.map(({ slot, code }) => `${slot}: ${code}`).join(", ");

/** Law 5: before another slot is used, those before it are looked for once more. */
const findEarlier = async (context: Context, { run, server }: Recovery, slots: Slot[]): Promise<Recovered | null> => {
  const tagged = await findLaunched(context, run, server);
  const live = tagged.live ?? (await findByTokens(context, run, server, slots)).live;
  return live && { instance: live, slot: null };
};

const trySlot = async (
  context: Context,
  recovery: Recovery,
  slot: Slot,
  given: Given,
  fresh = false,
): Promise<Recovered | { slot: string; code: string; capacity: boolean }> => {
  const { run, server, resource, manifest, since } = recovery;
  const { tags, volume } = tagsOf(run, server, resource, manifest);
  const request = {
    ...launchRequest({ run, server, resource, manifest, slot, ...given }),
    TagSpecifications: [
      tagSpecification("instance", tags),
      tagSpecification("volume", volume),
      tagSpecification("network-interface", tags),
    ],
  };
  try {
    const isFree = !resource.launch.metadata?.tokens;
    return { instance: await startInstance(context, run.target, request, isFree), slot: slot.name };
  } catch (error) {
    const { message } = error as Error;
    const code = codeOf(error);
    const reaction = reactionTo(code, message);
    if (reaction === "permanent" && isPassing(error)) throw error;
    context.log.warn("slot refused", { server: server.name, slot: slot.name, code, message });
    if (reaction === "capacity" || reaction === "unsuitable")
      return { slot: slot.name, code, capacity: reaction === "capacity" };
    if (reaction === "launched") {
      const { live } = await findByTokens(context, run, server, [slot]);
      if (live) return { instance: live, slot: slot.name };
      throw new TransientError(`${server.name}: launched before with ${slot.name}, but EC2 does not show it yet`);
    }
    if (reaction === "image") {
      // one with a licence cannot be made again
      const known =
        fresh || manifest.byImage ? null : await ensureImage(context, run, { ...manifest, image: null }, resource.tags);
      if (known?.available && known.id !== given.image)
        return trySlot(context, recovery, slot, { ...given, image: known.id }, true);
      const seconds = (context.now().getTime() - since.getTime()) / 1_000;
      if (known?.available === false || seconds <= invisibleSecondsMax)
        return { instance: null, waitSeconds: imageWaitSeconds, because: `${code}: ${message}` };
    }
    throw failed(server, slot, code, message, reaction === "quota");
  }
};

const failed = ({ name }: ServerRef, slot: Slot, code: string, message: string, isQuota: boolean) =>
  new ResourceFailedError(
    `${name}: ${slot.name}: ${code}: ${message}`,
    isQuota ? "Ask for a higher quota in the recovery Region." : "Mend the plan's launch, or what the message names.",
  );

const userDataOf = async (
  { store }: Context,
  { run, server, resource, manifest }: Recovery,
): Promise<string | null> => {
  if (resource.launch.userData === "none" || !manifest.userData) return null;
  const text = await store.userData(run.application, manifest.userData);
  if (text !== null) return text;
  throw new ResourceFailedError(
    `${server.name}: its user data is not stored in ${run.target}`,
    "Set launch.userData: none in the plan to recover it without.",
  );
};
