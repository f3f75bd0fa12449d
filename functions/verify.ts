import { withHint } from "./core/errors.ts";
import { judgeVerify, withinSecondsDefault } from "./core/instances/launch/verify.ts";
import { resourceOf } from "./core/model/run.ts";
import { lost, type Server } from "./core/model/server.ts";
import { blindSeconds, dryPass, type Pass } from "./core/run/wave-pass.ts";
import { proveVerify } from "./kinds/instances/readiness/prove-verify.ts";
import { type Look, lookAtAll } from "./kinds/instances/recover/verify-server.ts";
import type { Context } from "./runtime/context.ts";
import { inParallel } from "./runtime/in-parallel.ts";
import { step } from "./runtime/step.ts";
import { beginPass, PassInput, type WavePass, whileSoon } from "./runtime/wave-pass.ts";

const writersMax = 20;

/** One look at all attached servers of the waves that are verified, each the way its plan says. */
export const verify = async (input: PassInput, context: Context, begunAt = context.now()): Promise<Pass> => {
  const wave = await beginPass(input, context, begunAt);
  const attached = wave.inState("attached").filter((server) => server.wave <= wave.pass.index);
  const { looks, verifyAfter } = await lookAtAll(context, input, wave, attached);
  await inParallel([...looks], writersMax, ([server, look]) => judge(context, wave, server, look));
  return wave.end("Verify", { verifyAfter });
};

export const handler = step("verify", PassInput, whileSoon("Verify", verify), {
  table: ["Query", "BatchWriteItem"],
  tries: proveVerify,
  result: () => dryPass("JudgeWave"),
});

const judge = async ({ now }: Context, wave: WavePass, server: Server, look: Look) => {
  const withinSeconds = resourceOf(wave.plan, server.resource).verify?.withinSeconds ?? withinSecondsDefault;
  const { action, code, because } = judgeVerify(
    { good: look.servedAt !== null, because: look.because },
    { since: sinceOf(wave, server), now: now(), withinSeconds },
  );
  if (action === "wait") {
    const command = look.command ?? null;
    if (command !== server.command) await wave.save({ ...server, command });
    return;
  }
  const servedAt = look.servedAt?.toISOString() ?? null;
  const sentence = `${server.name} (${server.instance}) does not serve: ${because}`;
  const hint =
    "Look at the instance's console output; raise verify.within in the plan if it only needs longer to boot.";
  const judged: Server =
    action === "done" ? { ...server, state: "served", servedAt, because } : lost(server, withHint(sentence, hint));
  const saved = await wave.save(judged);
  const detail = { instance: server.instance, servedAt, because };
  if (saved) wave.record(saved, { state: "Verify", startedAt: server.attachedAt, outcome: code, detail });
};

/**
 * A server that booted beside an earlier wave has its time from the beginning of its own; while nobody looked, its time stands
 * still.
 */
const sinceOf = ({ pass }: WavePass, { attachedAt, wave }: Server) => {
  const times = [attachedAt ?? pass.waveSince, ...(wave === pass.index ? [pass.waveSince] : [])];
  const since = new Date(Math.max(...times.map((at) => Date.parse(at))));
  return new Date(since.getTime() + blindSeconds(pass, since) * 1_000);
};
