import * as z from "zod/mini";
import { targetHealth } from "./aws/elastic-load-balancing.ts";
import { describeInstancesById, statusOf } from "./aws/instances.ts";
import { checkLease } from "./aws/lease.ts";
import { sendShell, shellResult } from "./aws/ssm.ts";
import { volumesLoading } from "./aws/volumes.ts";
import { ResourceFailedError } from "./core/errors.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import type { Verify } from "./core/plan.ts";
import { resourceOf, type ServerRef } from "./core/run.ts";
import {
  judgeInitialized,
  judgeVerify,
  probeCommand,
  type Target,
  verifyTarget,
  verifyWaitSeconds,
  withinSecondsDefault,
} from "./core/verify.ts";
import type { Context } from "./runtime/context.ts";
import { goodTarget } from "./runtime/in-a-row.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  server: z.custom<ServerRef>(),
  launch: z.object({ value: z.object({ instance: z.string() }) }),
  verify: z.optional(
    z.object({ value: z.object({ polls: z.number(), since: z.string(), command: z.nullable(z.string()) }) }),
  ),
});
type VerifyInput = z.infer<typeof Input>;

export type VerifyResult = {
  done: boolean;
  polls: number;
  waitSeconds: number;
  /** The first of the good answers; ISO 8601. */
  servedAt: string | null;
  because: string;
  /** First poll, ISO 8601. */
  since: string;
  /** Command of Systems Manager whose result the next poll reads. */
  command: string | null;
};

/** One look at a launched server, the way its plan says. Throws ResourceFailedError once `within` has passed. */
export const verify = async (input: VerifyInput, context: Context): Promise<VerifyResult> => {
  const { run, server, launch } = input;
  const plan = await context.store.plan(run.application, run.planVersion);
  const resource = resourceOf(plan, server.resource);
  const withinSeconds = resource.verify?.withinSeconds ?? withinSecondsDefault;
  const since = input.verify ? new Date(input.verify.value.since) : context.now();
  const polls = (input.verify?.value.polls ?? 0) + 1;

  const look = await whole(input, context, resource.verify, resource.launch.targetGroups);
  const decision = judgeVerify(
    { good: look.servedAt !== null, because: look.because },
    { since, now: context.now(), withinSeconds },
  );
  const { action, code, because } = decision;
  if (action !== "wait") {
    const { instance } = launch.value;
    const told = { resource: resource.name, instance, servedAt: iso(look.servedAt), polls, because };
    await recordStep(context, run, "Verify", server.server, since, code, told);
  }
  if (action === "fail")
    throw new ResourceFailedError(
      `${server.name} (${launch.value.instance}) does not serve: ${because}`,
      "Look at the instance's console output; raise verify.within in the plan if it only needs longer to boot.",
    );
  return {
    done: action === "done",
    polls,
    waitSeconds: verifyWaitSeconds(withinSeconds),
    servedAt: iso(look.servedAt),
    because,
    since: since.toISOString(),
    command: look.command ?? null,
  };
};

export const handler = step("verify", Input, verify);

const iso = (date: Date | null) => date?.toISOString() ?? null;

type Look = { servedAt: Date | null; because: string; command?: string | null };

/** Where the plan waits for it, a server serves only once its volumes are whole. */
const whole = async (input: VerifyInput, context: Context, how: Verify | null, groups: string[]): Promise<Look> => {
  const look = await lookAt(input, context, how, groups);
  if (!how?.initialized || look.servedAt === null) return look;
  const { instance } = input.launch.value;
  const volumes = (await volumesLoading(context.clients, input.run.target, [instance])).get(instance) ?? [];
  const { good, because } = judgeInitialized(volumes);
  return { ...look, servedAt: good ? look.servedAt : null, because: `${look.because}; ${because}` };
};

const lookAt = (input: VerifyInput, context: Context, how: Verify | null, targetGroups: string[]): Promise<Look> => {
  const { run, launch } = input;
  const where = { region: run.target, instance: launch.value.instance };
  const target = how && verifyTarget(how);
  if (how === null) return byStatusChecks(context, where);
  if (how.from === "targetGroup" || !target) return byTargetGroups(context, where, targetGroups);
  return how.from === "public" ? byPublicAddress(context, where, target) : byCommand(input, context, where, target);
};
type Where = { region: string; instance: string };

const byStatusChecks = async ({ clients, now }: Context, { region, instance }: Where): Promise<Look> => {
  const status = await statusOf(clients, region, instance);
  if (!status) return { servedAt: null, because: "no status checks yet" };
  const good = status.system === "ok" && status.instance === "ok";
  return {
    servedAt: good ? now() : null,
    because: `status checks: system ${status.system}, instance ${status.instance}`,
  };
};

/** The load balancer has counted its own healthy threshold: healthy once in every group is good. */
const byTargetGroups = async (context: Context, { region, instance }: Where, groups: string[]): Promise<Look> => {
  if (groups.length === 0)
    throw new ResourceFailedError("verify.from is targetGroup, but the plan has no target group");
  const { clients, now } = context;
  const seen = await Promise.all(groups.map((group) => targetHealth(clients, region, group, instance)));
  const bad = seen.filter(({ state }) => state !== "healthy");
  const said = bad.map(({ state, because }) => (because ? `${state} (${because})` : state)).join(", ");
  return bad.length > 0
    ? { servedAt: null, because: `healthy in ${seen.length - bad.length} of ${seen.length} target groups: ${said}` }
    : { servedAt: now(), because: `healthy in ${seen.length} of ${seen.length} target groups` };
};

const byPublicAddress = async (context: Context, { region, instance }: Where, target: Target): Promise<Look> => {
  const [found] = await describeInstancesById(context.clients, region, [instance]);
  const address = found?.PublicIpAddress;
  if (!address) return { servedAt: null, because: `${instance} has no public address yet` };
  return goodTarget(context, target, address);
};

/** Sends the command at one poll and reads it at the next ones; a failed one is sent again. */
const byCommand = async (input: VerifyInput, context: Context, where: Where, target: Target): Promise<Look> => {
  const { region, instance } = where;
  const sent = input.verify?.value.command ?? null;
  const result = sent ? await shellResult(context.clients, region, sent, instance) : null;
  if (result?.state === "succeeded") return { servedAt: context.now(), because: result.because };
  if (result?.state === "pending") return { servedAt: null, because: result.because, command: sent };

  await checkLease(context, input.run, input.lease.value);
  const comment = `lifeboat ${input.run.name}`;
  const command = await sendShell(context.clients, region, { instance, line: probeCommand(target), comment });
  const because =
    result?.because ?? (command ? "the command was sent" : "Systems Manager does not know the instance yet");
  return { servedAt: null, because, command };
};
