import type { Instance } from "../../aws/instances.ts";
import { withHint } from "../../core/errors.ts";
import type { Run } from "../../core/run.ts";
import { lost, type Server } from "../../core/server.ts";
import type { Context } from "../../runtime/context.ts";
import { inParallel } from "../../runtime/in-parallel.ts";
import type { WavePass } from "../../runtime/wave-pass.ts";
import { endOf, listLaunched } from "./launched.ts";

const writersMax = 20;

/**
 * One look at the launched instances of a run: running, not yet, ended (then Launch takes another slot), or stopped by
 * themselves: lost.
 */
export const launchProgress = async (context: Context, run: Run, wave: WavePass): Promise<void> => {
  const launched = wave.inState("launched");
  if (launched.length === 0) return;
  const listed = new Map((await listLaunched(context, run)).map((one) => [one.InstanceId, one]));
  await inParallel(launched, writersMax, async (server) => {
    const found = listed.get(server.instance ?? "");
    const change = found && judge(server, found);
    if (!change) return;
    const saved = await wave.save(change.server);
    const { outcome, because } = change;
    const detail = { instance: server.instance, because };
    if (saved) wave.tell(saved, { state: "CheckProgress", startedAt: null, outcome, detail });
  });
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
