import { homeOf } from "../../functions/core/model/direction.ts";
import type { Resource } from "../../functions/core/model/plan.ts";
import { own } from "../../functions/core/own.ts";
import { minimumOf } from "../../functions/core/run/wave.ts";
import { statusChecksSeconds } from "../durations.ts";
import { trafficSeconds } from "../durations-traffic.ts";
import { bootOf } from "../ec2/boot.ts";
import { bucketOf } from "../ec2/bucket-sizes.ts";
import type { World } from "../kernel.ts";
import type { Execution } from "../machines/executions.ts";
import { applicationOf, isAnswer } from "../machines/runs.ts";
import { movedAt } from "../network/traffic-oracle.ts";
import { nextCheck } from "../services/elb.ts";
import { commandSeconds } from "../services/ssm.ts";
import { pinnedPoints, stateOf } from "../world/state-of.ts";
import type { Story } from "./played-story.ts";

/**
 * RTO of a controller that takes no time, never waits for a poll and launches all servers of a wave at once, in this world:
 * the same first evidence (`from`, ms), the plan's `sustained` or the person's answer, AWS's own drawn durations and the real
 * clocks of the switch. Seconds. Computed from the world, never from what the run did since: no run is faster. `lateSeconds`: of
 * one that takes so long until it launches, and at the end of each wave; what it misses by that, as a minute of a metric, costs it.
 */
export const oracleSeconds = (story: Story, execution: Execution, from: number, lateSeconds = 0): number => {
  const decided = decidedAt(story, execution) + lateSeconds * 1_000;
  const served = movedAt(story.world, story.plan, recoveredAt(story, execution, decided, lateSeconds * 1_000));
  return Math.round(served - from) / 1_000;
};

/** When the minimum of every wave serves, if the first wave starts at `from`, ms; booted together, all start then. */
const recoveredAt = ({ plan, world }: Story, execution: Execution, from: number, late: number): number => {
  const { regions, application, recover, protect } = plan;
  const together = recover.boot === "together";
  const { manifests } = stateOf(world, homeOf({ regions }), application);
  const points = pinnedPoints(execution.results);
  let [launched, end] = [0, from];
  for (const wave of recover.waves) {
    const start = together ? from : end;
    const served = ({ server, resource }: { server: string; resource: Resource }, seconds = 0) =>
      servedAt(world, homeOf({ regions }), server, resource, start + seconds * 1_000);
    const servers = protect
      .filter(({ name }) => wave.includes(name))
      .flatMap((resource) => {
        const pinned = manifests.filter(({ point }) => point === own(points, resource.name));
        const all = pinned.map(({ server }) => ({ server, resource }));
        return all.sort((a, b) => served(a) - served(b)).slice(0, minimumOf(pinned.length, resource));
      });
    // the slowest first: so the last of them serves earliest
    const turns = servers.sort((a, b) => served(b) - served(a));
    end = Math.max(end, ...turns.map((server, nth) => served(server, launchedAfterSeconds(launched + nth)) + late));
    if (together) launched += servers.length;
  }
  return end;
};

/** When a full bucket lets the launch with this number (from 0) pass, one request each, seconds from the first one. */
const launchedAfterSeconds = (nth: number) => {
  const [, { size, perSecond }] = bucketOf("RunInstances", true);
  return Math.max(0, (nth + 1 - size) / perSecond);
};

/** When it was known, at the earliest, that the application moves: at the end of `sustained`, or by a person's word. ms. */
const decidedAt = ({ plan, startStates, executions }: Story, execution: Execution): number => {
  const { startedAt, endedAt, arn, invocations } = execution;
  const since = startStates.get(arn)?.evidence?.verdict.since;
  const due = since ? Date.parse(since) + plan.detect.verdict.sustainedSeconds * 1_000 : startedAt;
  const considered = invocations.find(({ state }) => state === "Consider");
  if (!considered) return due;
  const isIts = (one: Execution) =>
    isAnswer(one) && applicationOf(one) === plan.application && one.startedAt >= startedAt;
  const answer = executions.find((one) => isIts(one) && one.startedAt <= (endedAt ?? Number.POSITIVE_INFINITY));
  return Math.max(due, answer?.startedAt ?? considered.startedAt);
};

/** When it can be known that a server serves which is launched at `at` (ms), as the plan looks at it, at the earliest. */
const servedAt = (world: World, region: string, server: string, { verify }: Resource, at: number): number => {
  const { targetCheck, agent } = trafficSeconds;
  const { pendingSeconds, bootSeconds } = bootOf(world, region, server);
  const after = (seconds: number) => at + (pendingSeconds + seconds) * 1_000;
  if (!verify) return after(Math.max(bootSeconds, statusChecksSeconds.low));
  if (verify.from === "targetGroup")
    return (
      nextCheck(world, server, after(bootSeconds)) + targetCheck.interval * (targetCheck.healthyThreshold - 1) * 1_000
    );
  if (verify.from === "ssm") {
    const { delivered, reported } = commandSeconds(world, server);
    return after(Math.max(bootSeconds, agent.low + delivered) + reported);
  }
  return after(bootSeconds);
};
