import { codeOf, passesByItself } from "../../../aws/calls/errors.ts";
import type { Instance } from "../../../aws/ec2/instances.ts";
import { describeSubnets } from "../../../aws/ec2/subnets.ts";
import { LifeboatError, ResourceFailedError, StaleLeaseError, TransientError, withHint } from "../../../core/errors.ts";
import { subnetIdsOf } from "../../../core/instances/launch/placement.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import { isWornOut, lost, type Server } from "../../../core/model/server.ts";
import type { Pass } from "../../../core/run/wave-pass.ts";
import type { Context } from "../../../runtime/context.ts";
import { isThrottle, pacer } from "../../../runtime/pacer.ts";
import type { WavePass } from "../../../runtime/wave-pass.ts";
import { judgeLaunchTime } from "./launch-clocks.ts";
import type { Scene } from "./launch-scene.ts";
import { isEnded, listLaunched, runOf, serverOf } from "./launched.ts";
import { takeOver } from "./predecessors.ts";
import { type Recovered, recoverServer } from "./recover.ts";
import { sharedSlots } from "./shared-placements.ts";

/** Launches at work at once: as many as keep RunInstances' pace while a reply takes some seconds. */
const workersMax = 8;
/** So many passing errors in a row, and EC2 is left alone for a moment. */
const failuresMax = 6;
const failedWaitSeconds = 5;

/**
 * Starts, or finds, the instances of the servers under way that have none: as many as EC2's pace and this invocation's
 * time allow. What fails for one server is said of that one. Gives what the loop carries on. Safe to run twice.
 */
export const launchPass = async (context: Context, run: Run, wave: WavePass): Promise<Partial<Pass>> => {
  const { store, now } = context;
  const wanted = wave.inState("wanted");
  if (wanted.length === 0) return { launchAt: null };
  const ids = [...new Set(wave.plan.protect.flatMap(({ launch }) => subnetIdsOf(launch)))];
  const [listed, memory, subnets] = await Promise.all([
    listLaunched(context, run),
    store.slots(run.application, run.name),
    describeSubnets(context.clients, run.target, ids),
  ]);
  const { own, leaving } = await takeOver(context, run, wave, listed);
  await useOwn(wave, byServer(own));

  const slots = sharedSlots(memory, now);
  const deadline = new Date(wave.begunAt.getTime() + limits.startingSeconds * 1_000);
  const isLate = () => now() >= deadline;
  const pace = pacer(wave.pass.pace, now, deadline);
  const scene: Scene = {
    context,
    run,
    plan: wave.plan,
    slots,
    leaving,
    subnets,
    save: wave.save,
    dead: byServer(listed.filter((one) => runOf(one) === run.name && isEnded(one))),
    turn: pace.turn,
    noteReply: pace.noteReply,
    tokens: { required: false },
  };

  // those that met errors before come last: they hold nobody up
  const queue = wave.inState("wanted").sort(inTurn);
  let [failures, answers, soonest] = [0, 0, Number.POSITIVE_INFINITY];
  const comeAgain = (seconds: number) => {
    soonest = Math.min(soonest, now().getTime() + seconds * 1_000);
  };
  const work = async () => {
    for (let server = queue.shift(); server; server = queue.shift()) {
      if (isLate() || failures >= failuresMax) return comeAgain(isLate() ? 0 : failedWaitSeconds);
      const outcome = await attempt(scene, wave, server);
      if (outcome === "passing" || outcome === "throttled") failures += 1;
      else [failures, answers] = [0, answers + 1];
      if (outcome === "throttled") queue.push(wave.servers.get(server.server) ?? server);
      else if (outcome === "passing") comeAgain(failedWaitSeconds);
      else if (outcome !== "done") comeAgain(outcome);
    }
  };
  await Promise.all(Array.from({ length: workersMax }, work));
  await store.saveSlots(run.application, run.name, slots.memory());

  const passingSince = answers > 0 || failures === 0 ? null : (wave.pass.passingSince ?? wave.begunAt.toISOString());
  if (isWornOut({ passingSince }, now(), limits.passingSeconds))
    for (const server of wave.inState("wanted")) await giveUp(wave, server, new TransientError(server.because));
  const launchAt = Number.isFinite(soonest) ? new Date(soonest).toISOString() : null;
  return { launchAt, pace: pace.pace(), passingSince };
};

const inTurn = (a: Server, b: Server) =>
  Number(a.passingSince !== null) - Number(b.passingSince !== null) || a.wave - b.wave || a.index - b.index;

const byServer = (instances: Instance[]) => {
  const found = new Map<string, Instance[]>();
  for (const one of instances) found.set(serverOf(one), [...(found.get(serverOf(one)) ?? []), one]);
  return found;
};

/** What was taken over, and what an invocation that died has launched. */
const useOwn = async (wave: WavePass, own: Map<string, Instance[]>) => {
  for (const server of wave.inState("wanted")) {
    const [instance] = own.get(server.server) ?? [];
    if (instance) await hasInstance(wave, server, instance);
  }
};

/** One server's try: done, met an error that may pass, or after how many seconds to come again. */
const attempt = async (scene: Scene, wave: WavePass, server: Server): Promise<Outcome> => {
  const { context } = scene;
  try {
    const recovered = await recoverServer(scene, server);
    if (recovered.instance) {
      await hasInstance(wave, recovered.server, recovered.instance);
      return "done";
    }
    await isWaiting(context, wave, server, recovered);
    return recovered.waitSeconds;
  } catch (error) {
    if (error instanceof StaleLeaseError) throw error;
    const current = wave.servers.get(server.server) ?? server;
    if (!passesByItself(error)) {
      await giveUp(wave, current, error);
      return "done";
    }
    const passingSince = current.passingSince ?? context.now().toISOString();
    const because = `${codeOf(error)}: ${(error as Error).message}`;
    if (isWornOut({ passingSince }, context.now(), limits.passingSeconds)) {
      await giveUp(wave, current, error);
      return "done";
    }
    if (current.passingSince === null) await wave.save({ ...current, passingSince, because });
    return isThrottle(codeOf(error)) ? "throttled" : "passing";
  }
};
type Outcome = "done" | "passing" | "throttled" | number;

const hasInstance = async (wave: WavePass, server: Server, instance: Instance) => {
  const id = instance.InstanceId ?? "";
  const state = instance.State?.Name === "running" ? "running" : "launched";
  const saved = await wave.save({ ...server, state, instance: id, passingSince: null, because: "" });
  if (!saved) return;
  wave.record(saved, {
    state: "Launch",
    startedAt: server.launchSince,
    outcome: "Launched",
    detail: {
      name: server.name,
      instance: id,
      instanceType: instance.InstanceType ?? null,
      subnet: instance.SubnetId ?? null,
      address: instance.PrivateIpAddress ?? null,
      image: instance.ImageId ?? null,
      point: server.point,
    },
  });
};

const isWaiting = async (
  { now }: Context,
  wave: WavePass,
  server: Server,
  { server: tried, because, waitSeconds }: Extract<Recovered, { instance: null }>,
) => {
  if (waitSeconds === 0) return;
  const launchSince = tried.launchSince ?? now().toISOString();
  judgeLaunchTime({ ...tried, launchSince }, because, now());
  const waiting = { ...tried, launchSince, because, passingSince: null };
  const known = wave.servers.get(server.server);
  if (known?.because === because && known.slot === tried.slot && known.passingSince === null) return;
  const saved = await wave.save(waiting);
  if (saved) wave.record(saved, { state: "Launch", startedAt: launchSince, outcome: "Waiting", detail: { because } });
};

export const giveUp = async (wave: WavePass, server: Server, error: unknown) => {
  const { name, message } = error as Error;
  const hint = error instanceof LifeboatError ? error.hint : "";
  const text = message || server.because || "passing errors for too long";
  const code = error instanceof ResourceFailedError ? "ResourceFailedError" : name;
  const saved = await wave.save(lost(server, withHint(text, hint), code));
  if (!saved) return;
  const detail = { name: server.name, instance: server.instance, because: text };
  wave.record(saved, { state: "Launch", startedAt: server.launchSince, outcome: "Lost", detail });
};
