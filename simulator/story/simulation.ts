import { homeOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { StepHandler } from "../../functions/runtime/step.ts";
import type { EarlyMove } from "../invariants/early-moves.ts";
import type { Loss } from "../invariants/losses.ts";
import type { World } from "../kernel.ts";
import type { MachineName } from "../machines/executions.ts";
import { createLambda, type Lambda } from "../machines/lambda.ts";
import type { Controllers } from "../world/controllers.ts";
import type { Environment } from "../world/environment.ts";
import type { StartState } from "../world/start-state.ts";
import { stateOf } from "../world/state-of.ts";
import type { Writer } from "../world/writers.ts";
import type { Decision, StoryOptions } from "./played-story.ts";

/** A story while it is played: what each of its parts may do. */
export type Simulation = {
  options: StoryOptions;
  environment: Environment;
  functions: Record<string, StepHandler>;
  world: World;
  plans: Plan[];
  controllers: Controllers;
  /** Changes of what was decided, by application. */
  decisions: Map<string, Decision[]>;
  /** What was stored when detect started an execution, by its ARN. */
  startStates: Map<string, StartState>;
  /** Who of the source could take writes when an execution set out to move traffic, by its ARN. */
  writers: Map<string, Writer[]>;
  /** What was deleted though nothing younger was whole. */
  losses: Loss[];
  /** What moved traffic before the row. */
  earlyMoves: EarlyMove[];
  over: boolean;
  /** Does it then (ms), unless the story is over by then; the story waits for it. */
  at(ms: number, what: () => void): void;
  /** When the last of these happens, ms. */
  lastAt: number;
  every(seconds: number, first: number, what: () => void): void;
  detect(plan: Plan, event: unknown): Promise<void>;
  /** Starts a machine as its schedule does: a start that is refused is tried again. */
  schedule(plan: Plan, machine: MachineName, tries?: number): void;
  /** Lambda functions of a Region whose table is in `home`. */
  lambdaIn(region: string, home: string): Lambda;
  spent(): { invocations: number; milliseconds: number };
};

/** After so many seconds an event for a function is dropped, as deployed (infra/functions.ts, infra/sensor-functions.ts). */
export const eventAge = { detect: 300, wake: 60, sensor: 60, readiness: 600 };
/** A schedule tries a start three times in all (infra/timer.ts); the pause between is our estimate. */
const startsMax = 3;
const minute = 60;

export const createSimulation = (
  options: StoryOptions,
  environment: Environment,
  controllers: Controllers,
  functions: Record<string, StepHandler>,
  judged: Pick<Simulation, "startStates" | "writers" | "losses" | "earlyMoves">,
): Simulation => {
  const { world, plans } = environment;
  const decisions = new Map<string, Decision[]>(plans.map(({ application }) => [application, []]));
  const tell = options.onMoment ?? (() => undefined);

  const sensors = new Map<string, Lambda>();
  const simulation: Simulation = {
    options,
    environment,
    functions,
    world,
    plans,
    controllers,
    decisions,
    ...judged,
    over: false,
    lastAt: 0,

    at(ms, what) {
      simulation.lastAt = Math.max(simulation.lastAt, ms);
      world.after(Math.max(0, (ms - Date.now()) / 1_000), () => {
        if (!simulation.over) what();
      });
    },

    every(seconds, first, what) {
      const again = () => {
        if (simulation.over) return;
        what();
        world.after(seconds, again);
      };
      world.after(first, again);
    },

    async detect(plan, event) {
      const { lambda, isDown } = controllers.of(plan);
      if (isDown()) return;
      const answer = (await lambda.deliver("Detect", event, eventAge.detect).catch(() => null)) as {
        decision?: Omit<Decision, "at">;
      } | null;
      const recorded = decisions.get(plan.application)!;
      const last = recorded.at(-1);
      const decision = answer?.decision;
      if (!decision || (last?.action === decision.action && last.code === decision.code)) return;
      const { action, code, because } = decision;
      recorded.push({ at: Date.now(), action, code, because });
      if (plan === plans[0]) tell({ kind: "decision", at: Date.now(), decision: recorded.at(-1)! });
    },

    schedule(plan, machine, tries = startsMax) {
      const { executions, isDown } = controllers.of(plan);
      if (isDown()) return;
      if (world.faults.brownOut("SFN", homeOf(plan), Date.now())) {
        if (tries > 1) world.after(minute, () => !simulation.over && simulation.schedule(plan, machine, tries - 1));
        return;
      }
      const { application } = plan;
      executions.start(machine, `${machine}-${application}-${Math.floor(Date.now() / 1_000)}`, {
        application,
        by: "schedule",
      });
    },

    lambdaIn(region, home) {
      const key = `${region} ${home}`;
      const lambda = sensors.get(key) ?? createLambda(functions, environment.placeOf(region, home));
      sensors.set(key, lambda);
      return lambda;
    },

    spent: () =>
      [...controllers.all.map(({ lambda }) => lambda), ...sensors.values()]
        .map((lambda) => lambda.spent())
        .reduce((sum, one) => ({
          invocations: sum.invocations + one.invocations,
          milliseconds: sum.milliseconds + one.milliseconds,
        })),
  };
  environment.connectScheduler((region, _function, input) => {
    const { application } = input as { application?: string };
    const plan = plans.find((one) => one.application === application && homeOf(one) === region);
    if (plan && !simulation.over) void simulation.detect(plan, input);
  });
  return simulation;
};

/** What the controller knows of a plan's application now, read without a call. */
export const knownOf = ({ world }: Simulation, { application, regions }: Plan) =>
  stateOf(world, homeOf({ regions }), application);
