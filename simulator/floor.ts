import { own } from "../functions/core/own.ts";
import { bootOf } from "./ec2/boot.ts";
import type { Execution } from "./executions.ts";
import { countsFrom } from "./result.ts";
import { pinnedPoints, stateOf } from "./state-of.ts";
import type { Story } from "./story.ts";
import { switchDurations } from "./traffic.ts";

/** One tick of the detector, seconds. */
const tickSeconds = 60;

/**
 * What the plan and AWS take of the RTO of any controller in this world, seconds: `sustained` + one tick + the longest
 * dependency chain of AWS's own drawn durations (each wave's slowest server from pending to its first good answer, then
 * metric, health check, propagation, TTL). A tick, a metric period and a TTL count in full: a run that meets them late in
 * their turn is faster. Computed from the world, never from the run. A run that a person starts has no detection.
 */
export const floorSeconds = (story: Story, execution: Execution) => {
  const { plan, world } = story;
  const detected = countsFrom(story, execution) !== execution.startedAt;
  const detection = detected ? plan.detect.verdict.sustainedSeconds + tickSeconds : 0;
  const { manifests } = stateOf(world, plan.regions.recovery, plan.application);
  const points = pinnedPoints(execution.results);
  const waves = plan.recover.waves.map((wave) => {
    const pinned = wave.map((resource) => own(points, resource));
    const servers = manifests.filter(({ point }) => pinned.includes(point)).map(({ server }) => server);
    return Math.max(0, ...servers.map((server) => serverSeconds(story, server)));
  });
  const { alarmSeconds, healthCheckSeconds, propagationSeconds, ttlSeconds } = switchDurations(world, plan);
  const traffic = plan.traffic ? alarmSeconds + healthCheckSeconds + propagationSeconds + ttlSeconds : 0;
  return round(detection + waves.reduce((sum, seconds) => sum + seconds, 0) + traffic);
};

const serverSeconds = ({ world, plan }: Story, server: string) => {
  const { pendingSeconds, bootSeconds } = bootOf(world, plan.regions.recovery, server);
  return pendingSeconds + bootSeconds;
};

const round = (seconds: number) => Math.round(seconds * 1_000) / 1_000;
