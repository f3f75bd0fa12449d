/** Decides when a story is over. */

import type { Plan } from "../../functions/core/model/plan.ts";
import { applicationOf } from "../machines/runs.ts";
import { schedulesToCome } from "../services/scheduler.ts";
import { startStateOf } from "../world/start-state.ts";
import { knownOf, type Simulation } from "./simulation.ts";

/** After the last thing that can still disturb the world, this long until nothing more is expected, seconds. */
const settle = 900;
/** After a run that has moved the application, seconds. */
const calmed = 120;

/** Whether nothing can happen any more: no run, nothing to come, and every decision is one that time alone does not change. */
export const createEnd = (simulation: Simulation, zeroAt: number) => (): boolean => {
  const { plans, controllers, world } = simulation;
  const { run } = simulation.options;
  const busy = controllers.all.some(({ executions }) =>
    (["failover", "close", ...(run ? [run] : [])] as const).some((machine) => executions.running(machine).length > 0),
  );
  if (busy || Date.now() < simulation.lastAt) return false;
  const regions = controllers.all.map(({ region }) => region);
  return schedulesToCome(world, regions) === 0 && plans.every((plan) => isSettled(simulation, plan, zeroAt));
};

const isSettled = (simulation: Simulation, plan: Plan, zeroAt: number) => {
  if (knownOf(simulation, plan).untold.length > 0) return false;
  const { controllers, environment } = simulation;
  const { run } = simulation.options;
  const lastDisturbance = Math.max(zeroAt, environment.lastFaultAt(), simulation.lastAt);
  const ends = controllers
    .of(plan)
    .executions.all()
    .filter((one) => one.machine === (run ?? "failover") && applicationOf(one) === plan.application);
  const lastEnd = Math.max(0, ...ends.map(({ endedAt }) => endedAt ?? 0));
  const calm = Math.max(lastDisturbance, run ? lastEnd : Math.min(lastEnd, lastDisturbance + settle * 1_000));
  const { row } = knownOf(simulation, plan);
  const moved = row?.phase === "failedOver";
  // the next look goes on with a move that a run has left half-way
  if (row?.lastRun?.unfinished && Date.now() < lastEnd + settle * 1_000) return false;
  const needed = run || (moved && lastEnd >= lastDisturbance) ? calmed : settle + plan.detect.verdict.sustainedSeconds;
  return Date.now() >= calm + needed * 1_000 && (run !== null || !isOpen(simulation, plan));
};

/** Whether time alone may still change what was decided: a verdict or a hold that runs out. */
const isOpen = (simulation: Simulation, plan: Plan) => {
  const code = simulation.decisions.get(plan.application)!.at(-1)?.code;
  if (code === "Degraded" || code === "Maintenance") return true;
  return code === "Blocked" && startStateOf(simulation.world, plan).evidence?.incident?.answeredAt === null;
};
