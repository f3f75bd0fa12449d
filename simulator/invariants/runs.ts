import { limits } from "../../functions/core/limits.ts";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import { latencySeconds } from "../durations.ts";
import type { CallRecord } from "../kernel.ts";
import type { Execution } from "../machines/executions.ts";
import type { Invocation } from "../machines/lambda.ts";
import { hasBegun, runsOf } from "../machines/runs.ts";
import { objectKeys } from "../services/s3.ts";
import type { Writer } from "../world/writers.ts";
import type { InvariantCheck, JudgedStory } from "./invariant.ts";

/** Invariants about what runs did: judged from the executions, the calls that were really made, and the world that they left. */
export const runInvariants: Record<string, InvariantCheck> = {
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
      const origin = originIn(seen.executions, run);
      const fence = origin.results.get("Fence") as { fenced: boolean } | undefined;
      if (endOf(run, "Reroute") === null) return [];
      if (!fence) return [`${run.name} moved traffic without a fence`];
      if (!fence.fenced && seen.plan.recover.fence === "required")
        return [`${run.name} moved traffic without a confirmed fence`];
      return (seen.writers.get(run.arn) ?? [])
        .filter((writer) => !isAccepted(seen, origin, writer))
        .map(({ id, state }) => `${run.name} moved traffic while ${id} was ${state}`);
    }),

  "3 nothing needed of a dark Region": (seen) => [
    ...seen.world.journal
      .filter((call) => call.outcome === "ok" && isDark(seen, call, latencySeconds.high))
      .map(({ service, operation, region, at }) => `${service} ${operation} in ${region} answered at ${at}`),
    ...runsOf(seen.executions).flatMap((run) =>
      run.invocations
        .filter(({ outcome }) => !["ok", "Lambda.Unknown", "RefusedError"].includes(outcome))
        .filter((invocation) => failedOnlyInTheDark(seen, invocation))
        .map(
          ({ state, outcome }) =>
            `${run.name}: ${state} failed with ${outcome} because it needed a Region that is down`,
        ),
    ),
  ],

  "6 every run ends, reported": ({ executions, world, plan, row }) => {
    const open = executions.filter(({ status, machine }) => status === "RUNNING" && machine !== "replicate");
    const keys = objectKeys(world, homeOf(plan));
    const silent = runsOf(executions)
      .filter((run) => run.status !== "RUNNING" && hasBegun(run))
      .filter(({ name }) => !keys.some((key) => key.includes(`/${name}.`)));
    return [
      ...open.map(({ name }) => `${name} has not ended`),
      ...silent.map(({ name }) => `${name} has no report`),
      ...(row?.run && open.length === 0 ? [`the lease is still held by ${row.run.name}`] : []),
      ...(row && !row.run && row.phase === "running" ? ["the state record still says running"] : []),
    ];
  },

  "9 no Lambda waits until its timeout": ({ executions, world, plan }) =>
    executions.flatMap(({ name, invocations }) =>
      invocations
        .filter(({ startedAt, endedAt }) => endedAt - startedAt >= limits.functionSeconds * 1_000)
        .filter(({ startedAt, endedAt }) => !world.faults.wasDown(homeOf(plan), startedAt, endedAt))
        .map(({ state }) => `${name}: ${state} took ${limits.functionSeconds} s or more`),
    ),

  "11 recovery is known to work before anything is stopped": ({ executions, plan }) =>
    plan.recover.fenceFirst
      ? []
      : runsOf(executions).flatMap((run) => {
          const fence = run.invocations.find(({ state }) => state === "Fence");
          const rerouted = endOf(run, "Reroute") ?? Number.POSITIVE_INFINITY;
          // what no wave waited for goes on when users have moved
          const late = run.invocations.find(
            ({ state, startedAt }) =>
              fence &&
              startedAt > fence.startedAt &&
              startedAt < rerouted &&
              (state === "Launch" || state === "Verify"),
          );
          return late ? [`${run.name} fenced before the last ${late.state}`] : [];
        }),
};

/** The run that began the move which this one finishes; else itself. */
const originIn = (executions: Execution[], run: Execution): Execution => {
  const { resume } = (run.results.get("LoadPlan") ?? {}) as { resume?: { of: string } | null };
  return executions.find(({ name }) => name === resume?.of) ?? run;
};

const leaseTimes = ({ invocations }: Execution) =>
  invocations
    .filter(({ state, outcome }) => state === "AcquireLease" && outcome === "ok")
    .map(({ endedAt }) => endedAt);

const endOf = ({ invocations }: Execution, state: string) =>
  invocations.find((one) => one.state === state && one.outcome === "ok")?.endedAt ?? null;

/**
 * What `best-effort` says that it accepts, judged from what was really asked: a source that gave the fence no answer at
 * all, a server whose stop nobody answered, and one that hangs in `stopping` though it was stopped by force.
 */
const isAccepted = ({ world, plan }: JudgedStory, run: Execution, { id, state }: Writer) => {
  if (plan.recover.fence === "required") return false;
  const asked = world.journal.filter(
    ({ step, region, at }) => step === "Fence" && region === protectedOf(plan) && Date.parse(at) >= run.startedAt,
  );
  const stops = asked.filter(
    ({ operation, input }) => operation === "StopInstances" && (input.InstanceIds as string[]).includes(id),
  );
  const isSilent = (calls: CallRecord[]) => calls.length > 0 && calls.every(({ outcome }) => silences.test(outcome));
  const isForced = stops.some(({ input, outcome }) => input.Force === true && outcome === "ok");
  return isSilent(asked) || isSilent(stops) || (state === "stopping" && isForced);
};

/** Outcomes of a call that nobody answered; a 5xx of a Region that is down says no more. */
const silences = /^(TimeoutError|E[A-Z]+|ServiceUnavailable|Unavailable|InternalError)$/;

/** A call that no answer could come to; `margin`, seconds, leaves out the last ones, whose answer may come when all is well again. */
const isDark = ({ world, plan }: JudgedStory, { region, service, at }: CallRecord, margin = 0) =>
  world.faults.list.some((fault) => {
    // most faults darken nothing, and a journal is long
    if (fault.fault !== "region-down" && fault.fault !== "control-plane-down") return false;
    const then = Date.parse(at);
    if (then < fault.from || then >= fault.until - margin * 1_000) return false;
    if (fault.fault === "region-down") return fault.region === region && region !== homeOf(plan);
    return fault.fault === "control-plane-down" && globalServices.has(service) && fault.services.includes(service);
  });

/** Services whose control plane is in one Region for all; that of a Regional service in the recovery Region is needed. */
const globalServices = new Set(["Route 53", "IAM", "CloudFront"]);

/** Not while the controller's own Region is down: then Lambda itself is what fails. */
const failedOnlyInTheDark = (seen: JudgedStory, { state, startedAt, endedAt }: Invocation) => {
  if (seen.world.faults.wasDown(homeOf(seen.plan), startedAt, endedAt)) return false;
  const failed = seen.world.journal.filter(({ step, at, outcome }) => {
    const then = Date.parse(at);
    return step === state && outcome !== "ok" && then >= startedAt && then <= endedAt;
  });
  const accepted = ({ service }: CallRecord) => seen.plan.traffic?.acceptControlPlane && globalServices.has(service);
  return failed.length > 0 && failed.every((call) => isDark(seen, call) && !accepted(call));
};
