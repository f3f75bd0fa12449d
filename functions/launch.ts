import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { ResourceFailedError } from "./core/errors.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { limits } from "./core/limits.ts";
import { resourceOf, type ServerRef } from "./core/run.ts";
import type { LaunchState } from "./kinds/instances/launch-progress.ts";
import { recoverServer } from "./kinds/instances/recover.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({
  run: RunInput,
  lease: LeaseInput,
  server: z.custom<ServerRef>(),
  launch: z.optional(z.object({ value: z.object({ polls: z.number(), since: z.string() }) })),
});

export type LaunchResult = LaunchState;

/** EC2 shows an instance as running some seconds after it took the request, never at once. */
const firstWaitSeconds = 8;

/** Starts, or finds, the instance of one server from its point. Throws ResourceFailedError. Safe to run twice. */
export const launch = async (input: z.infer<typeof Input>, context: Context): Promise<LaunchResult> => {
  const { run, server, lease } = input;
  const now = context.now();
  await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);
  const manifest = await context.store.manifest(run.application, server.point, server.server);
  if (!manifest) throw new ResourceFailedError(`${server.name}: ${server.point} has no manifest of ${server.server}`);

  const since = input.launch ? new Date(input.launch.value.since) : now;
  const resource = resourceOf(plan, server.resource);
  const recovered = await recoverServer(context, { run, server, resource, manifest, since });
  const kept = { polls: input.launch?.value.polls ?? 0, since: since.toISOString() };
  if (!recovered.instance) {
    const { waitSeconds, because } = recovered;
    if (now.getTime() - since.getTime() > limits.launchSeconds * 1_000)
      throw new ResourceFailedError(
        `${server.name}: not launched within ${limits.launchSeconds / 60} min: ${because}`,
        "Add instance types or subnets to the plan's launch, or reserve capacity in the recovery Region.",
      );
    await recordStep(context, run, "Launch", server.server, since, "Waiting", { resource: resource.name, because });
    return { ...kept, done: false, again: true, instance: null, waitSeconds, slot: null };
  }

  const { instance, slot } = recovered;
  const id = instance.InstanceId ?? "";
  await recordStep(context, run, "Launch", server.server, since, "Launched", {
    resource: resource.name,
    name: server.name,
    instance: id,
    instanceType: instance.InstanceType ?? null,
    subnet: instance.SubnetId ?? null,
    address: instance.PrivateIpAddress ?? null,
    image: instance.ImageId ?? null,
    point: server.point,
  });
  const done = instance.State?.Name === "running";
  return { ...kept, done, again: false, instance: id, waitSeconds: firstWaitSeconds, slot };
};

export const handler = step("launch", Input, launch);
