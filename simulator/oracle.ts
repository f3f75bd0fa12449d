import { own } from "../functions/core/own.ts";
import type { Plan, Resource } from "../functions/core/plan.ts";
import { minimumOf } from "../functions/core/wave.ts";
import { statusChecksSeconds } from "./durations.ts";
import { trafficSeconds } from "./durations-traffic.ts";
import { bootOf } from "./ec2/boot.ts";
import { bucketOf } from "./ec2/bucket-sizes.ts";
import type { Execution } from "./executions.ts";
import { applicationOf, isAnswer } from "./runs.ts";
import { pinnedPoints, stateOf } from "./state-of.ts";
import type { Story } from "./story.ts";
import { movedAt } from "./traffic-oracle.ts";

/**
 * RTO of a controller that takes no time, never waits for a poll and launches all servers of a wave at once, in this world:
 * the same first evidence (`from`, ms), the plan's `sustained` or the person's answer, AWS's own drawn durations and the real
 * clocks of the switch. Seconds. Computed from the world, never from what the run did since: no run is faster.
 */
export const oracleSeconds = (story: Story, execution: Execution, from: number): number => {
  const together = bootsTogether(story.plan);
  const recovered = waveSeconds(story, execution).reduce(
    (end, seconds) => (together ? Math.max(end, seconds) : end + seconds),
    0,
  );
  const served = movedAt(story.world, story.plan, decidedAt(story, execution) + recovered * 1_000);
  return Math.round(served - from) / 1_000;
};

/** From the start of each wave until its minimum serves, seconds; booted together, all count from the first one's start. */
const waveSeconds = ({ plan, world }: Story, execution: Execution): number[] => {
  const { regions, application, recover, protect } = plan;
  const together = bootsTogether(plan);
  const { manifests } = stateOf(world, regions.recovery, application);
  const points = pinnedPoints(execution.results);
  let launched = 0;
  return recover.waves.map((wave) => {
    const servers = protect
      .filter(({ name }) => wave.includes(name))
      .flatMap((resource) => {
        const pinned = manifests.filter(({ point }) => point === own(points, resource.name));
        const seconds = pinned.map(({ server }) => serverSeconds(bootOf(world, regions.recovery, server), resource));
        return seconds.sort((a, b) => a - b).slice(0, minimumOf(pinned.length, resource));
      });
    // the slowest first: so the last of them serves earliest
    const ends = servers.sort((a, b) => b - a).map((seconds, nth) => launchedAfterSeconds(launched + nth) + seconds);
    if (together) launched += servers.length;
    return Math.max(0, ...ends);
  });
};

const bootsTogether = ({ recover }: Plan) => recover.boot === "together";

/** When a full bucket lets the launch with this number (from 0) pass, one request each, seconds from the first one. */
const launchedAfterSeconds = (nth: number) => {
  const [, { size, perSecond }] = bucketOf("RunInstances", true);
  return Math.max(0, (nth + 1 - size) / perSecond);
};

/** When it was known, at the earliest, that the application moves: at the end of `sustained`, or by a person's word. ms. */
const decidedAt = ({ plan, grounds, executions }: Story, execution: Execution): number => {
  const { startedAt, endedAt, arn, invocations } = execution;
  const since = grounds.get(arn)?.evidence?.verdict.since;
  const due = since ? Date.parse(since) + plan.detect.verdict.sustainedSeconds * 1_000 : startedAt;
  const considered = invocations.find(({ state }) => state === "Consider");
  if (!considered) return due;
  const isIts = (one: Execution) =>
    isAnswer(one) && applicationOf(one) === plan.application && one.startedAt >= startedAt;
  const answer = executions.find((one) => isIts(one) && one.startedAt <= (endedAt ?? Number.POSITIVE_INFINITY));
  return Math.max(due, answer?.startedAt ?? considered.startedAt);
};

/** From the launch until it can be known that the server serves, as the plan looks at it, at the earliest. */
const serverSeconds = ({ pendingSeconds, bootSeconds }: ReturnType<typeof bootOf>, { verify }: Resource) => {
  const { targetCheck, command, agent } = trafficSeconds;
  if (!verify) return pendingSeconds + Math.max(bootSeconds, statusChecksSeconds.low);
  if (verify.from === "targetGroup")
    return pendingSeconds + bootSeconds + targetCheck.interval * (targetCheck.healthyThreshold - 1);
  if (verify.from === "ssm") return pendingSeconds + Math.max(bootSeconds, agent.low + command.low) + command.low;
  return pendingSeconds + bootSeconds;
};
