import type { Instance } from "../../../aws/ec2/instances.ts";
import { ResourceFailedError } from "../../../core/errors.ts";
import { type Placement, placementsOf } from "../../../core/instances/launch/placement.ts";
import { resourceOf } from "../../../core/model/run.ts";
import type { Server } from "../../../core/model/server.ts";
import { launchToken } from "../../../core/names.ts";
import { ensureImage } from "../catalog/image.ts";
import { imageWaitSeconds } from "./launch-clocks.ts";
import type { Scene } from "./launch-scene.ts";
import { endOf, findByTokens, isEnded } from "./launched.ts";
import { type Given, requestPlacement } from "./request-placement.ts";

/** An instance; or when to come again (`full`: when the slots may be asked again); or that this pass has no time left. */
export type Recovered =
  | { instance: Instance; slot: string | null; server: Server }
  | { instance: null; server: Server; because: string; waitSeconds: number };

/**
 * Launches the instance of one server. The slot in use is written down before EC2 is asked for it, so that a call that
 * died half-way goes on with the same token, which gives the first instance back; before a next slot those that were
 * asked are looked for. Throws ResourceFailedError when no later try can help, passing errors as they are.
 */
export const recoverServer = async (scene: Scene, server: Server): Promise<Recovered> => {
  const { context, run, plan } = scene;
  const resource = resourceOf(plan, server.resource);
  const manifest = await context.store.manifest(run.application, server.point, server.server);
  if (!manifest) throw new ResourceFailedError(`${server.name}: ${server.point} has no manifest of ${server.server}`);

  const all = placementsOf(resource.launch, manifest, server.zone, scene.subnets);
  const dead = scene.dead.get(server.server) ?? [];
  const spent = new Set(dead.map(({ ClientToken }) => ClientToken));
  const slots = all.filter(({ name }) => !spent.has(launchToken(run.id, server.server, name)));
  if (slots.length === 0)
    throw new ResourceFailedError(
      all.length
        ? `${server.name}: every launched instance terminated: ${dead.map(endOf).join(", ")}`
        : `${server.name}: no subnet takes it`,
      "See the reason that EC2 gives; a key that EC2 may not use shows as Client.InternalError.",
    );

  const image = manifest.image
    ? { id: manifest.image, available: true }
    : await ensureImage(context, run, manifest, resource.tags);
  if (!image.available) return wait(server, `${image.id} is not available yet`, imageWaitSeconds);
  const text = resource.launch.userData === "none" ? null : manifest.userData;
  const userData = text ? await context.store.userData(run.application, text) : null;
  if (text && userData === null)
    throw new ResourceFailedError(
      `${server.name}: its user data is not stored in ${run.target}`,
      "Set launch.userData: none in the plan to recover it without.",
    );
  return tryPlacements(scene, server, slots, { resource, manifest, image: image.id, userData });
};

const wait = (server: Server, because: string, waitSeconds: number): Recovered => ({
  instance: null,
  server,
  because,
  waitSeconds,
});

const tryPlacements = async (scene: Scene, begun: Server, slots: Placement[], given: Given): Promise<Recovered> => {
  const { context, run } = scene;
  const asked: string[] = [];
  let server = begun;
  for (;;) {
    const isLeft = ({ name }: Placement) => !asked.includes(name) && !server.refused[name];
    // one that was asked, and never answered for certain, comes first
    const started = slots.find((slot) => slot.name === server.slot && isLeft(slot));
    const slot = started ?? slots.find((one) => isLeft(one) && !scene.slots.isFull(one.name));
    if (!slot) break;
    const leave = await scene.slots.enter(slot.name);
    try {
      if (!started && scene.slots.isFull(slot.name)) continue;
      if (asked.length > 0) {
        const [earlier] = (await findByTokens(context, run, server.server, asked)).filter((one) => !isEnded(one));
        if (earlier) return { instance: earlier, slot: null, server };
      }
      if (!(await scene.turn())) return wait(server, server.because, 0);
      const launchSince = server.launchSince ?? context.now().toISOString();
      if (server.slot !== slot.name || !server.launchSince) {
        const saved = await scene.save({ ...server, slot: slot.name, launchSince });
        if (!saved) return wait(begun, begun.because, 0);
        server = saved;
      }
      const answer = await requestPlacement(scene, server, slot, given);
      if ("instance" in answer) {
        scene.slots.hadRoom(slot.name);
        return { instance: answer.instance, slot: slot.name, server };
      }
      if ("waitSeconds" in answer) return wait(server, answer.because, answer.waitSeconds);
      asked.push(slot.name);
      server = { ...server, slot: null };
      if (answer.full) scene.slots.hadNone(slot.name, answer.code);
      else server = { ...server, refused: { ...server.refused, [slot.name]: wordsOf(answer) } };
      if (answer.everywhere) for (const one of slots) scene.slots.hadNone(one.name, answer.code);
    } finally {
      leave();
    }
  }
  const because = reasonsOf(slots, ({ name }) => server.refused[name] ?? scene.slots.codeOf(name));
  const full = slots.filter(({ name }) => !server.refused[name]).map(({ name }) => name);
  if (full.length === 0)
    throw new ResourceFailedError(
      `${server.name}: no instance type and subnet combination worked: ${because}`,
      "Add instance types or subnets to the plan's launch, or fix the causes that EC2 gives.",
    );
  const seconds = (scene.slots.earliest(full).getTime() - context.now().getTime()) / 1_000;
  return wait(server, because, Math.max(1, Math.ceil(seconds)));
};

const wordsOf = ({ code, message }: { code: string; message: string }) =>
  message && message !== code ? `${code}: ${message}` : code;

/** What the slots said, those that said the same together. */
const reasonsOf = (slots: Placement[], words: (slot: Placement) => string) =>
  [...Map.groupBy(slots, words)]
    .map(([said, those]) => `${those.map(({ name }) => name).join(", ")}: ${said}`)
    .join("; ");
