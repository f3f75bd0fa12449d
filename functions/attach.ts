import { codeOf, isPassing } from "./aws/calls/errors.ts";
import { tryAssociate } from "./aws/ec2/addresses.ts";
import { tryRegister } from "./aws/elastic-load-balancing.ts";
import { checkLease } from "./aws/store/lease.ts";
import { withHint } from "./core/errors.ts";
import { limits } from "./core/limits.ts";
import { resourceOf } from "./core/model/run.ts";
import { isWornOut, lost, type Server } from "./core/model/server.ts";
import { dryPass, type Pass } from "./core/run/wave-pass.ts";
import {
  callsAtOnce,
  type Failure,
  giveAddress,
  letForward,
  registerAll,
} from "./kinds/instances/recover/attach-servers.ts";
import { tagVolumes } from "./kinds/instances/recover/tag-volumes.ts";
import type { Context } from "./runtime/context.ts";
import { inParallel } from "./runtime/in-parallel.ts";
import { step } from "./runtime/step.ts";
import { beginPass, PassInput, type WavePass } from "./runtime/wave-pass.ts";

/**
 * Gives the running instances their Elastic IPs and their places in the target groups, lets routers forward, and gives volumes the
 * tags that a launch could not give. All of it is repeatable, and is done before a server counts as attached.
 */
export const attach = async (input: PassInput, context: Context): Promise<Pass> => {
  const { run } = input;
  const [wave] = await Promise.all([beginPass(input, context), checkLease(context, run, input.lease.value)]);
  const running = wave.inState("running");
  const failed = await registerAll(context, run, wave, running);
  const isLate = () => context.now().getTime() - wave.begunAt.getTime() > limits.startingSeconds * 1_000;
  const ready: Server[] = [];
  await inParallel(running, callsAtOnce, async (server) => {
    if (isLate()) return;
    const error =
      failed.get(server.server) ??
      (await letForward(context, run, server)) ??
      (await giveAddress(context, run, wave, server));
    if (error) await meet(context, wave, server, error);
    else ready.push(server);
  });
  const untagged = await tagVolumes(context, run, wave, ready, isLate);
  await inParallel(ready, callsAtOnce, (server) => isAttached(context, wave, server, untagged.get(server.server)));
  return wave.end("Attach");
};

export const handler = step("attach", PassInput, attach, {
  table: ["Query", "BatchWriteItem"],
  tries: async ({ run, plan }, { clients }) => {
    const groups = new Set(plan.protect.flatMap(({ launch }) => launch.targetGroups));
    const addresses = plan.protect.flatMap(({ launch }) => launch.elasticIps.slice(0, 1));
    const tried = await Promise.all([
      ...[...groups].map(async (arn) => [await tryRegister(clients, run.target, arn)]),
      ...addresses.map((id) => tryAssociate(clients, run.target, id)),
    ]);
    return tried.flat();
  },
  result: () => dryPass("Verify"),
});

const isAttached = async ({ now }: Context, wave: WavePass, server: Server, untagged: string | undefined) => {
  const attachedAt = now().toISOString();
  const saved = await wave.save({ ...server, state: "attached", attachedAt, passingSince: null });
  const { elasticIps, targetGroups } = resourceOf(wave.plan, server.resource).launch;
  const detail = {
    instance: server.instance,
    elasticIp: elasticIps[server.index] ?? null,
    targetGroups: targetGroups.length,
    ...(untagged && { untagged }),
  };
  if (saved) wave.record(saved, { state: "Attach", startedAt: null, outcome: "Attached", detail });
};

/**
 * A new instance is not known everywhere at once [EC2dev:eventual-consistency], nor its tags, by which the role may touch it; one of an earlier run that goes away still has the address.
 */
const notYet = new Set([
  "UnauthorizedOperation",
  "InvalidInstanceID.NotFound",
  "InvalidInstanceID",
  "IncorrectInstanceState",
  "InvalidTarget",
  "InvalidTargetException",
  "Resource.AlreadyAssociated",
]);
const notYetSeconds = 180;

const meet = async ({ now }: Context, wave: WavePass, server: Server, { what, error }: Failure) => {
  const code = codeOf(error);
  const sentence = `${server.name}: ${what}: ${code}: ${(error as Error).message}`;
  const passingSince = server.passingSince ?? now().toISOString();
  const seconds = isPassing(error) ? limits.passingSeconds : notYet.has(code) ? notYetSeconds : -1;
  if (seconds >= 0 && !isWornOut({ passingSince }, now(), seconds)) {
    if (!server.passingSince) await wave.save({ ...server, passingSince, because: sentence });
    return;
  }
  const saved = await wave.save(lost(server, withHint(sentence, "Free it, or correct launch in the plan.")));
  const detail = { instance: server.instance, because: sentence };
  if (saved) wave.record(saved, { state: "Attach", startedAt: null, outcome: "Lost", detail });
};
