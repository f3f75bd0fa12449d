import { limits } from "../functions/core/limits.ts";
import { latencySeconds } from "./durations.ts";
import { isIsolated } from "./ec2/network-acls.ts";
import { ec2Of, type Instance } from "./ec2/state.ts";
import type { Execution } from "./executions.ts";
import type { Law, Seen } from "./invariants.ts";
import type { CallRecord } from "./kernel.ts";
import type { Invocation } from "./runner.ts";
import { runsOf } from "./runs.ts";
import { objectKeys } from "./s3.ts";

/** Laws about what runs did: judged from the executions, the calls that were really made, and the world that they left. */
export const lawsOfRuns: Record<string, Law> = {
  "1 one run at a time": ({ executions }) => {
    const held = runsOf(executions).filter((run) => run.results.has("AcquireLease"));
    return held.flatMap((run, index) =>
      held
        .slice(index + 1)
        .filter((other) => leaseTimes(other).some((at) => at < (run.endedAt ?? Number.POSITIVE_INFINITY)))
        .map((other) => `${run.name} and ${other.name} held the lease at the same time`),
    );
  },

  "2 no two writers": (seen) =>
    runsOf(seen.executions).flatMap((run) => {
      const rerouted = endOf(run, "Reroute");
      const fence = run.results.get("Fence") as { fenced: boolean; sourceAnswered: boolean } | undefined;
      if (rerouted === null) return [];
      if (!fence) return [`${run.name} moved traffic without a fence`];
      if (!fence.fenced && seen.plan.recover.fence === "required")
        return [`${run.name} moved traffic without a proven fence`];
      if (!fence.fenced && !fence.sourceAnswered && !answeredFence(seen, run, rerouted)) return [];
      const writers = sourceServers(seen).filter((one) => one.state === "running" && !isShut(seen, one));
      return writers.map(({ id }) => `${run.name} moved traffic while ${id} still ran`);
    }),

  "3 nothing needed of a dark Region": (seen) => [
    ...seen.world.journal
      .filter((call) => call.outcome === "ok" && isDark(seen, call, latencySeconds.high))
      .map(({ service, operation, region, at }) => `${service} ${operation} in ${region} answered at ${at}`),
    ...runsOf(seen.executions).flatMap((run) =>
      run.invocations
        .filter(({ outcome }) => !["ok", "Lambda.Unknown", "RefusedError"].includes(outcome))
        .filter((invocation) => failedOnlyInTheDark(seen, invocation))
        .map(({ state, outcome }) => `${run.name}: ${state} ended as ${outcome} for want of a dark Region`),
    ),
  ],

  "6 every run ends, reported": ({ executions, world, plan, row }) => {
    const open = executions.filter(({ status, machine }) => status === "RUNNING" && machine !== "replicate");
    const keys = objectKeys(world, plan.regions.recovery);
    const silent = runsOf(executions)
      .filter(({ status, results }) => status !== "RUNNING" && results.has("LoadPlan"))
      .filter(({ name }) => !keys.some((key) => key.includes(`/${name}.`)));
    return [
      ...open.map(({ name }) => `${name} has not ended`),
      ...silent.map(({ name }) => `${name} has no report`),
      ...(row?.run && open.length === 0 ? [`the lease is still held by ${row.run.name}`] : []),
      ...(row && !row.run && row.phase === "running" ? ["the row still says running"] : []),
    ];
  },

  "9 no Lambda waits until its timeout": ({ executions, world, plan }) =>
    executions.flatMap(({ name, invocations }) =>
      invocations
        .filter(({ startedAt, endedAt }) => endedAt - startedAt >= limits.functionSeconds * 1_000)
        .filter(({ startedAt, endedAt }) => !world.faults.wasDown(plan.regions.recovery, startedAt, endedAt))
        .map(({ state }) => `${name}: ${state} took ${limits.functionSeconds} s or more`),
    ),

  "11 recovery is known to work before anything is stopped": ({ executions, plan }) =>
    plan.recover.fenceFirst
      ? []
      : runsOf(executions).flatMap((run) => {
          const fence = run.invocations.find(({ state }) => state === "Fence");
          const late = run.invocations.find(
            ({ state, startedAt }) =>
              fence && startedAt > fence.startedAt && (state === "Launch" || state === "Verify"),
          );
          return late ? [`${run.name} fenced before the ${late.state} of ${late.subject}`] : [];
        }),
};

const isShut = ({ world, plan }: Seen, instance: Instance) => isIsolated(world, plan.regions.primary, instance);

const leaseTimes = ({ invocations }: Execution) =>
  invocations
    .filter(({ state, outcome }) => state === "AcquireLease" && outcome === "ok")
    .map(({ endedAt }) => endedAt);

const endOf = ({ invocations }: Execution, state: string) =>
  invocations.find((one) => one.state === state && one.outcome === "ok")?.endedAt ?? null;

/** Whether the source gave the fence any answer, whatever the fence says of it. */
const answeredFence = ({ world, plan }: Seen, run: Execution, until: number) =>
  world.journal.some(
    ({ step, region, outcome, at }) =>
      step === "Fence" &&
      region === plan.regions.primary &&
      outcome === "ok" &&
      Date.parse(at) >= run.startedAt &&
      Date.parse(at) <= until,
  );

/** Servers of the points, and whatever else the plan selects there. */
export const sourceServers = ({ world, plan, manifests }: Seen): Instance[] => {
  const known = new Set(manifests.map(({ server }) => server));
  const selected = ({ tags }: Instance) =>
    plan.protect.some(({ select }) =>
      Object.entries(select.tags).every(([key, value]) => tags.some((tag) => tag.Key === key && tag.Value === value)),
    );
  return [...ec2Of(world, plan.regions.primary).instances.values()].filter((one) => known.has(one.id) || selected(one));
};

/** A call that no answer could come to; `margin`, seconds, leaves out the last ones, whose answer may come when all is well again. */
const isDark = ({ world, plan }: Seen, { region, service, at }: CallRecord, margin = 0) =>
  world.faults.list.some((fault) => {
    // most faults darken nothing, and a journal is long
    if (fault.fault !== "region-down" && fault.fault !== "control-plane-down") return false;
    const then = Date.parse(at);
    if (then < fault.from || then >= fault.until - margin * 1_000) return false;
    if (fault.fault === "region-down") return fault.region === region && region !== plan.regions.recovery;
    return fault.fault === "control-plane-down" && globalServices.has(service) && fault.services.includes(service);
  });

/** Services whose control plane is in one Region for all; that of a Regional service in the recovery Region is needed. */
const globalServices = new Set(["Route 53", "IAM", "CloudFront"]);

const failedOnlyInTheDark = (seen: Seen, { state, startedAt, endedAt }: Invocation) => {
  const failed = seen.world.journal.filter(({ step, at, outcome }) => {
    const then = Date.parse(at);
    return step === state && outcome !== "ok" && then >= startedAt && then <= endedAt;
  });
  const accepted = ({ service }: CallRecord) => seen.plan.traffic?.acceptControlPlane && globalServices.has(service);
  return failed.length > 0 && failed.every((call) => isDark(seen, call) && !accepted(call));
};
