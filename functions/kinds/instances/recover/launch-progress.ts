import type { Instance } from "../../../aws/ec2/instances.ts";
import { withHint } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Run } from "../../../core/model/run.ts";
import { lost, type Server } from "../../../core/model/server.ts";
import type { Context } from "../../../runtime/context.ts";
import { inParallel } from "../../../runtime/in-parallel.ts";
import type { WavePass } from "../../../runtime/wave-pass.ts";
import { endOf, listLaunched } from "./launched.ts";

const writersMax = 20;

/**
 * One look at the launched instances of a run: running, not yet, ended (then Launch takes another slot), or lost: stopped by
 * themselves, or not running for too long.
 */
export const launchProgress = async (context: Context, run: Run, wave: WavePass): Promise<void> => {
  const launched = wave.inState("launched");
  if (launched.length === 0) return;
  const listed = new Map((await listLaunched(context, run)).map((one) => [one.InstanceId, one]));
  await inParallel(launched, writersMax, async (server) => {
    const found = listed.get(server.instance ?? "");
    const change = (found && judge(server, found)) ?? judgeTime(server, found, context.now());
    if (!change) return;
    const saved = await wave.save(change.server);
    const { outcome, because } = change;
    const detail = { instance: server.instance, because };
    if (saved) wave.record(saved, { state: "CheckProgress", startedAt: null, outcome, detail });
  });
};

/** One that never comes to run is lost: of its own pending time EC2 sets no end, and of one that it does not show it says nothing. */
const judgeTime = (server: Server, found: Instance | undefined, now: Date): Change | null => {
  const { launchSeconds } = limits;
  const deadline = found?.LaunchTime
    ? found.LaunchTime.getTime() + launchSeconds * 1_000
    : // it may have waited for room before
      Date.parse(server.launchSince ?? now.toISOString()) + 2 * launchSeconds * 1_000;
  if (now.getTime() <= deadline) return null;
  const because = `${server.name}: ${server.instance} ${found ? "is pending" : "is not shown by EC2"} for ${launchSeconds / 60} min`;
  const hint = "Look at it in EC2, and terminate it; the next failover launches another one.";
  return { server: lost(server, withHint(because, hint)), outcome: "Lost", because };
};

type Change = { server: Server; outcome: string; because: string };

const judge = (server: Server, found: Instance): Change | null => {
  const state = found.State?.Name ?? "pending";
  if (state === "running")
    return { server: { ...server, state: "running" }, outcome: "Running", because: `${server.instance} runs` };
  if (state === "shutting-down" || state === "terminated") {
    const because = endOf(found);
    return { server: { ...server, state: "wanted", instance: null, slot: null, because }, outcome: "Ended", because };
  }
  if (state !== "stopping" && state !== "stopped") return null;
  const because = `${server.name}: ${endOf(found)} stopped after its launch`;
  const hint = "Look at its console output: something on it shuts it down.";
  return { server: lost(server, withHint(because, hint)), outcome: "Lost", because };
};
