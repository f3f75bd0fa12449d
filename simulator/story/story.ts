/** Plays a story from deployment to its end. */

import { homeOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { inVirtualTime } from "../clock.ts";
import { createEarlyMoves } from "../invariants/early-moves.ts";
import { createLosses } from "../invariants/losses.ts";
import { currentStep } from "../machines/current-step.ts";
import type { Execution, ExecutionsOfRegion, MachineName } from "../machines/executions.ts";
import { handlers } from "../machines/handlers.ts";
import { applicationOf, isAutomatic, isPass, isProof } from "../machines/runs.ts";
import { noWireProtocol } from "../no-wire-protocol.ts";
import { createRandom } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";
import { createControllers } from "../world/controllers.ts";
import { createEnvironment } from "../world/environment.ts";
import { startStateOf } from "../world/start-state.ts";
import { newestPoints, stateOf } from "../world/state-of.ts";
import { createUsers, usersLookSeconds } from "../world/users.ts";
import { writersOf } from "../world/writers.ts";
import { replicateSeconds, startClock } from "./clock.ts";
import { createEnd } from "./end.ts";
import { injectEvents, listenToEvents } from "./events.ts";
import { approveLater, operate } from "./operations.ts";
import type { Story, StoryOptions } from "./played-story.ts";
import { createSimulation, knownOf, type Simulation } from "./simulation.ts";

const start = new Date("2026-01-05T00:00:00.000Z");
/** Longest wait for a pass of the schedule to end, seconds. */
const passWithin = 3 * 3_600;
/** Longest wait for the first recovery points, seconds. */
const pointsWithin = 12 * 3_600;

/**
 * Plays a whole story in virtual time: replication on the plan's schedule until points exist, time 0, the faults, and
 * every run that detect (or `run`) starts, until nothing can happen any more.
 */
export const playStory = (options: StoryOptions): Promise<Story> => {
  const random = createRandom(options.seed);
  const jitter = random.fork("Math.random");
  const paced = options.pace ? { pace: options.pace } : {};
  return inVirtualTime({ start, random: () => jitter.next(), ...paced }, () => play(options));
};

const play = async (options: StoryOptions): Promise<Story> => {
  const { scenario, seed, run } = options;
  const tell = options.onMoment ?? (() => undefined);
  const simulation = await deploy(options);
  const { world, environment, plans, controllers } = simulation;
  const [plan] = plans as [Plan];

  const begin = () => {
    listenToEvents(simulation);
    startClock(simulation);
  };
  if (scenario.deployed === undefined) begin();
  const pointsExist = () => newestPoints(knownOf(simulation, plan).points, Date.now()).size === plan.protect.length;
  await until(pointsExist, pointsWithin);
  const lead = leadSeconds(simulation);
  const zeroAt = Date.now() + lead * 1_000;
  if (scenario.deployed !== undefined) simulation.at(zeroAt + scenario.deployed * 1_000, begin);
  environment.schedule(zeroAt, (text) => tell({ kind: "fault", at: Date.now(), text }));
  operate(simulation, zeroAt);
  injectEvents(simulation, zeroAt);
  tell({ kind: "point", at: Date.now(), text: pointsText(plan, pointsExist()), zeroAt });
  await new Promise((resolve) => setTimeout(resolve, zeroAt - Date.now()));
  tell({ kind: "zero", at: zeroAt });
  const rpoSeconds = rpoAt(plan, knownOf(simulation, plan).points, zeroAt);

  const users = createUsers(world, plan, ({ at, region }) => tell({ kind: "users", at, region }));
  if (users) simulation.every(usersLookSeconds, 0, users.look);

  const { executions } = controllers.of(plan);
  // a second pass would find the lease of the first one, and do nothing
  if (run && run !== "failover") await until(() => executions.running(run).length === 0, passWithin);
  if (run)
    executions.start(run, `${run}-by-hand`, {
      application: plan.application,
      reason: "rehearsal",
      ...(run === "failover" && { approve: true }),
      ...options.input,
    });
  await until(createEnd(simulation, zeroAt), scenario.until, 10);
  for (let pass = 0; pass < (options.furtherPasses ?? 0); pass += 1) await furtherPass(executions, plan, run);
  simulation.over = true;
  await until(() => world.journal.every(({ outcome }) => outcome !== "pending"), 60, 1);
  const others = plans.slice(1).map((one) => ({ plan: one, decisions: simulation.decisions.get(one.application)! }));
  return {
    plan: options.plan,
    scenario,
    seed,
    run,
    world,
    environment,
    executions: controllers.executions(),
    decisions: simulation.decisions.get(plan.application)!,
    others,
    startStates: simulation.startStates,
    writers: simulation.writers,
    losses: simulation.losses,
    earlyMoves: simulation.earlyMoves,
    zeroAt,
    endedAt: Date.now(),
    users: users?.seen ?? null,
    rpoSeconds,
    spent: simulation.spent(),
  };
};

/** The world with every plan deployed. In a story of one run, and with `detect: off`, detect only notifies. */
const deploy = async (options: StoryOptions): Promise<Simulation> => {
  const { scenario, seed, run } = options;
  const tell = options.onMoment ?? (() => undefined);
  const quiet = run !== null || scenario.detect === "off";
  const asNotify = (plan: Plan): Plan => ({ ...plan, detect: { ...plan.detect, action: "notify" } });
  const [plan, played] = quiet ? [asNotify(options.plan), notifyOnly(scenario)] : [options.plan, scenario];
  const environment = createEnvironment(
    plan,
    played,
    seed,
    options.wireProtocol ? undefined : noWireProtocol,
    options.watches,
  );
  const startStates: Simulation["startStates"] = new Map();
  const writers: Simulation["writers"] = new Map();
  const planOf = (execution: Execution) =>
    environment.plans.find(({ application }) => application === applicationOf(execution));
  const functions = { ...handlers, ...options.functions };
  const answer = { asked: (_execution: Execution) => {} };
  const controllers = await currentStep.run("deploy", () =>
    createControllers(environment, functions, {
      started: (execution) => {
        const plan = planOf(execution);
        if (plan && isAutomatic(execution)) startStates.set(execution.arn, startStateOf(environment.world, plan));
        tell({ kind: "run", at: Date.now(), execution });
      },
      ended: (execution) => tell({ kind: "run", at: Date.now(), execution }),
      invoking: (execution, state, executions) => {
        const plan = planOf(execution);
        if (state === "Reroute" && plan && !isProof(execution) && !writers.has(execution.arn))
          writers.set(execution.arn, writersOf(environment.world, plan));
        options.onInvoking?.(execution, state, executions);
        if (state === "Ask" && !isProof(execution)) answer.asked(execution);
      },
      invoked: (execution, invocation) => {
        if (!options.onMoment) return;
        const own = planOf(execution) ?? plan;
        const { servers } = stateOf(environment.world, homeOf(own), own.application);
        const passed = isPass(invocation.state) ? { servers: servers(execution.name) } : {};
        tell({ kind: "step", at: Date.now(), execution, invocation, ...passed });
      },
    }),
  );
  options.began?.(environment);
  const judged = {
    losses: createLosses(environment.world, environment.plans),
    earlyMoves: createEarlyMoves(environment.world, environment.plans),
  };
  const simulation = createSimulation(options, environment, controllers, functions, {
    startStates,
    writers,
    ...judged,
  });
  answer.asked = approveLater(simulation);
  return simulation;
};

/** What is recoverable as time 0 is set; a plan whose points never became complete is played all the same. */
export const pointsText = ({ protect }: Pick<Plan, "protect">, exist: boolean) => {
  if (protect.length === 0) return "the plan protects no servers: there are no recovery points";
  if (exist) return "every resource has a complete recovery point";
  return `after ${pointsWithin / 3_600} hours not every resource has a complete recovery point`;
};

const notifyOnly = ({ applications, ...scenario }: Scenario): Scenario => ({
  ...scenario,
  applications: applications.map((one) => ({ ...one, action: "notify" })),
});

/**
 * Seconds until time 0: until what comes before it can happen, until the verdict can be armed, and at no certain moment
 * between two passes, or two ticks.
 */
const leadSeconds = ({ options, plans, world }: Simulation) => {
  const [plan] = plans as [Plan];
  const { faults, operations, events, deployed = 0 } = options.scenario;
  const earliest = Math.max(-deployed, ...[...faults, ...operations, ...events].map(({ at }) => -at));
  const armed = Math.max(...plans.map(({ detect }) => detect.armAfterHealthySeconds)) + 120;
  const arming = Math.max(0, start.getTime() / 1_000 + armed - Date.now() / 1_000);
  const random = world.random.fork("lead");
  const passes = replicateSeconds(plan);
  if (passes === 0) return Math.max(earliest, arming) + Math.floor(random.between(0, 60));
  return Math.max(earliest, arming, Math.floor(random.between(0, passes)));
};

/** Age of the oldest among the newest complete points of the resources, seconds; null when one has none. */
const rpoAt = (plan: Plan, points: Parameters<typeof newestPoints>[0], at: number) => {
  const newest = newestPoints(points, at);
  const ages = plan.protect.map(({ name }) => {
    const point = newest.get(name);
    return point?.pointAt ? (at - Date.parse(point.pointAt)) / 1_000 : null;
  });
  return ages.length === 0 || ages.includes(null) ? null : Math.max(...(ages as number[]));
};

const furtherPass = async (executions: ExecutionsOfRegion, { application }: Plan, run: MachineName | null) => {
  const idle = () => until(() => executions.running().length === 0, 24 * 3_600, 10);
  await idle();
  executions.start("replicate", `pass-${Date.now()}`, { application });
  await idle();
  if (run !== "rotate") return;
  executions.start("rotate", `pass-${Date.now()}`, { application, by: "schedule" });
  await idle();
};

const until = async (holds: () => boolean, withinSeconds: number, pollSeconds = 10) => {
  const end = Date.now() + withinSeconds * 1_000;
  while (!holds() && Date.now() < end) {
    const left = Math.min(pollSeconds * 1_000, end - Date.now());
    await new Promise((resolve) => setTimeout(resolve, left));
  }
};
