import type { Plan } from "../../functions/core/model/plan.ts";
import { applicationOf } from "../machines/runs.ts";
import { schedulesToCome } from "../services/scheduler.ts";
import { groundsOf } from "../world/start-state.ts";
import { knownOf, type Playing } from "./simulation.ts";

/** After the last thing that can still disturb the world, this long until nothing more is expected, seconds. */
const settle = 900;
/** After a run that has moved the application, seconds. */
const calmed = 120;

/** Whether nothing can happen any more: no run, nothing to come, and every decision is one that time alone does not change. */
export const createEnd = (playing: Playing, zeroAt: number) => (): boolean => {
  const { plans, controllers, world } = playing;
  const { run } = playing.options;
  const busy = controllers.all.some(({ executions }) =>
    (["failover", "close", ...(run ? [run] : [])] as const).some((machine) => executions.running(machine).length > 0),
  );
  if (busy || Date.now() < playing.lastAt) return false;
  const regions = controllers.all.map(({ region }) => region);
  return schedulesToCome(world, regions) === 0 && plans.every((plan) => isSettled(playing, plan, zeroAt));
};

const isSettled = (playing: Playing, plan: Plan, zeroAt: number) => {
  if (knownOf(playing, plan).untold.length > 0) return false;
  const { controllers, stage } = playing;
  const { run } = playing.options;
  const lastDisturbance = Math.max(zeroAt, stage.lastFaultAt(), playing.lastAt);
  const ends = controllers
    .of(plan)
    .executions.all()
    .filter((one) => one.machine === (run ?? "failover") && applicationOf(one) === plan.application);
  const lastEnd = Math.max(0, ...ends.map(({ endedAt }) => endedAt ?? 0));
  const calm = Math.max(lastDisturbance, run ? lastEnd : Math.min(lastEnd, lastDisturbance + settle * 1_000));
  const { row } = knownOf(playing, plan);
  const moved = row?.phase === "failedOver";
  // the next look goes on with a move that a run has left half-way
  if (row?.lastRun?.unfinished && Date.now() < lastEnd + settle * 1_000) return false;
  const needed = run || (moved && lastEnd >= lastDisturbance) ? calmed : settle + plan.detect.verdict.sustainedSeconds;
  return Date.now() >= calm + needed * 1_000 && (run !== null || !isOpen(playing, plan));
};

/** Whether time alone may still change what was decided: a verdict or a hold that runs out. */
const isOpen = (playing: Playing, plan: Plan) => {
  const code = playing.decisions.get(plan.application)!.at(-1)?.code;
  if (code === "Degraded" || code === "Maintenance") return true;
  return code === "Blocked" && groundsOf(playing.world, plan).evidence?.incident?.answeredAt === null;
};
