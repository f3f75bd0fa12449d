import type { Watch } from "../functions/aws/calls/clients.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Server } from "../functions/core/model/server.ts";
import type { StepHandler } from "../functions/runtime/step.ts";
import { inVirtualTime, type Pace } from "./clock.ts";
import { createControllers } from "./controllers.ts";
import { createEarlyMoves, type EarlyMove } from "./early-moves.ts";
import type { Execution, ExecutionsOfRegion, MachineName } from "./executions.ts";
import { type Grounds, groundsOf } from "./grounds.ts";
import { handlers } from "./handlers.ts";
import type { World } from "./kernel.ts";
import { createLosses, type Loss } from "./losses.ts";
import { createRandom } from "./random.ts";
import type { Invocation } from "./runner.ts";
import { applicationOf, isAutomatic, isPass, isProof } from "./runs.ts";
import type { Scenario } from "./scenario.ts";
import { createStage, type Stage } from "./stage.ts";
import { newestPoints, stateOf } from "./state-of.ts";
import { stepOf } from "./step-of.ts";
import { replicateSeconds, startClock } from "./story-clock.ts";
import { createEnd } from "./story-end.ts";
import { injectEvents, listenToEvents } from "./story-events.ts";
import { approveLater, operate } from "./story-operations.ts";
import { createPlaying, knownOf, type Playing } from "./story-play.ts";
import { unwritten } from "./unwritten.ts";
import { createUsers, type Service, usersLookSeconds } from "./users.ts";
import { type Writer, writersOf } from "./writers.ts";

export type Decision = { at: number; action: string; code: string; because: string };

/** A story that was played: the world as it ended, and everything that was seen on the way. Times are ms. */
export type Story = {
  plan: Plan;
  scenario: Scenario;
  seed: number;
  run: MachineName | null;
  world: World;
  stage: Stage;
  executions: Execution[];
  /** Changes of what was decided for `plan`. */
  decisions: Decision[];
  /** The further applications of the scenario. */
  others: { plan: Plan; decisions: Decision[] }[];
  /** What was stored when detect started an execution, by its ARN. */
  grounds: Map<string, Grounds>;
  /** Who of the source could take writes when an execution first set out to move traffic, by its ARN. */
  writers: Map<string, Writer[]>;
  /** Points that were taken away while nothing younger was whole, judged at that instant. */
  losses: Loss[];
  /** Traffic that moved before the row, judged at that instant. */
  earlyMoves: EarlyMove[];
  zeroAt: number;
  endedAt: number;
  /** What users of `plan` got from time 0 on; null where it has no name that they know. */
  users: Service[] | null;
  rpoSeconds: number | null;
  spent: { invocations: number; milliseconds: number };
};

/** What happens, as it happens: for a live view. */
export type Moment =
  | { kind: "point"; at: number; text: string; zeroAt: number }
  | { kind: "zero"; at: number }
  | { kind: "fault"; at: number; text: string }
  | { kind: "person"; at: number; text: string }
  /** Users are served by another Region from now on, or by none. */
  | { kind: "users"; at: number; region: string | null }
  | { kind: "decision"; at: number; decision: Decision }
  | { kind: "run"; at: number; execution: Execution }
  /** `servers`: of the run, after a pass over them. */
  | { kind: "step"; at: number; execution: Execution; invocation: Invocation; servers?: Server[] };

export type StoryOptions = {
  plan: Plan;
  scenario: Scenario;
  seed: number;
  run: MachineName | null;
  /** Input of `run`, beside the application. */
  input?: Record<string, unknown>;
  /** Called before each invocation: for tests that end an execution in the middle. */
  onInvoking?: (execution: Execution, state: string, executions: ExecutionsOfRegion) => void;
  /** Called once, with the world before anything has happened: for tests that watch it on the way. */
  began?: (stage: Stage) => void;
  /** Functions in the place of ours, by state: for tests of which law notices a wrong one. */
  functions?: Record<string, StepHandler>;
  /** So many seconds after a question a person approves; null or nothing: only the scenario's own operations answer. */
  approveAfterSeconds?: number | null;
  /** After the story: further replication passes, for tests of what is left. */
  furtherPasses?: number;
  /** Requests are written as they go over the wire, by all of the SDK's middleware, which takes half as long again. */
  written?: boolean;
  /** See every call with its reply: for tests that compare them with the models of AWS. */
  watches?: Watch[];
  onMoment?: (moment: Moment) => void;
  pace?: Pace;
};

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
  const playing = await deploy(options);
  const { world, stage, plans, controllers } = playing;
  const [plan] = plans as [Plan];

  const begin = () => {
    listenToEvents(playing);
    startClock(playing);
  };
  if (scenario.deployed === undefined) begin();
  const pointsExist = () => newestPoints(knownOf(playing, plan).points, Date.now()).size === plan.protect.length;
  await until(pointsExist, pointsWithin);
  const lead = leadSeconds(playing);
  const zeroAt = Date.now() + lead * 1_000;
  if (scenario.deployed !== undefined) playing.at(zeroAt + scenario.deployed * 1_000, begin);
  stage.schedule(zeroAt, (text) => tell({ kind: "fault", at: Date.now(), text }));
  operate(playing, zeroAt);
  injectEvents(playing, zeroAt);
  tell({ kind: "point", at: Date.now(), text: pointsText(plan, pointsExist()), zeroAt });
  await new Promise((resolve) => setTimeout(resolve, zeroAt - Date.now()));
  tell({ kind: "zero", at: zeroAt });
  const rpoSeconds = rpoAt(plan, knownOf(playing, plan).points, zeroAt);

  const users = createUsers(world, plan, ({ at, region }) => tell({ kind: "users", at, region }));
  if (users) playing.every(usersLookSeconds, 0, users.look);

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
  await until(createEnd(playing, zeroAt), scenario.until, 10);
  for (let pass = 0; pass < (options.furtherPasses ?? 0); pass += 1) await furtherPass(executions, plan, run);
  playing.over = true;
  await until(() => world.journal.every(({ outcome }) => outcome !== "pending"), 60, 1);
  const others = plans.slice(1).map((one) => ({ plan: one, decisions: playing.decisions.get(one.application)! }));
  return {
    plan: options.plan,
    scenario,
    seed,
    run,
    world,
    stage,
    executions: controllers.executions(),
    decisions: playing.decisions.get(plan.application)!,
    others,
    grounds: playing.grounds,
    writers: playing.writers,
    losses: playing.losses,
    earlyMoves: playing.earlyMoves,
    zeroAt,
    endedAt: Date.now(),
    users: users?.seen ?? null,
    rpoSeconds,
    spent: playing.spent(),
  };
};

/** The world with every plan deployed. In a story of one run, and with `detect: off`, detect only tells. */
const deploy = async (options: StoryOptions): Promise<Playing> => {
  const { scenario, seed, run } = options;
  const tell = options.onMoment ?? (() => undefined);
  const quiet = run !== null || scenario.detect === "off";
  const told = (plan: Plan): Plan => ({ ...plan, detect: { ...plan.detect, action: "notify" } });
  const [plan, played] = quiet ? [told(options.plan), hushed(scenario)] : [options.plan, scenario];
  const stage = createStage(plan, played, seed, options.written ? undefined : unwritten, options.watches);
  const grounds: Playing["grounds"] = new Map();
  const writers: Playing["writers"] = new Map();
  const planOf = (execution: Execution) =>
    stage.plans.find(({ application }) => application === applicationOf(execution));
  const functions = { ...handlers, ...options.functions };
  const answer = { asked: (_execution: Execution) => {} };
  const controllers = await stepOf.run("deploy", () =>
    createControllers(stage, functions, {
      started: (execution) => {
        const plan = planOf(execution);
        if (plan && isAutomatic(execution)) grounds.set(execution.arn, groundsOf(stage.world, plan));
        tell({ kind: "run", at: Date.now(), execution });
      },
      ended: (execution) => tell({ kind: "run", at: Date.now(), execution }),
      invoking: (execution, state, executions) => {
        const plan = planOf(execution);
        if (state === "Reroute" && plan && !isProof(execution) && !writers.has(execution.arn))
          writers.set(execution.arn, writersOf(stage.world, plan));
        options.onInvoking?.(execution, state, executions);
        if (state === "Ask" && !isProof(execution)) answer.asked(execution);
      },
      invoked: (execution, invocation) => {
        if (!options.onMoment) return;
        const own = planOf(execution) ?? plan;
        const { servers } = stateOf(stage.world, own.regions.recovery, own.application);
        const passed = isPass(invocation.state) ? { servers: servers(execution.name) } : {};
        tell({ kind: "step", at: Date.now(), execution, invocation, ...passed });
      },
    }),
  );
  options.began?.(stage);
  const judged = {
    losses: createLosses(stage.world, stage.plans),
    earlyMoves: createEarlyMoves(stage.world, stage.plans),
  };
  const playing = createPlaying(options, stage, controllers, functions, { grounds, writers, ...judged });
  answer.asked = approveLater(playing);
  return playing;
};

/** What is recoverable as time 0 is set; a plan whose points never became complete is played all the same. */
export const pointsText = ({ protect }: Pick<Plan, "protect">, exist: boolean) => {
  if (protect.length === 0) return "the plan protects no servers: there are no recovery points";
  if (exist) return "every resource has a complete recovery point";
  return `after ${pointsWithin / 3_600} hours not every resource has a complete recovery point`;
};

const hushed = ({ applications, ...scenario }: Scenario): Scenario => ({
  ...scenario,
  applications: applications.map((one) => ({ ...one, action: "notify" })),
});

/**
 * Seconds until time 0: until what comes before it can happen, until the verdict can be armed, and at no certain moment
 * between two passes, or two ticks.
 */
const leadSeconds = ({ options, plans, world }: Playing) => {
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
