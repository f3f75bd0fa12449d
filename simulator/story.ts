import type { Plan } from "../functions/core/plan.ts";
import { createContext } from "../functions/runtime/context.ts";
import { inVirtualTime, type Pace } from "./clock.ts";
import { tellsOfSnapshots } from "./ec2/events.ts";
import { createExecutions, type Execution, type ExecutionsOfRegion, type MachineName } from "./executions.ts";
import { handlers } from "./handlers.ts";
import type { BusEvent, World } from "./kernel.ts";
import { createRandom } from "./random.ts";
import { createLambda, type Invocation } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import { createStage, type Stage } from "./stage.ts";
import { newestPoints, stateOf } from "./state-of.ts";
import { stepOf } from "./step-of.ts";

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
  decisions: Decision[];
  zeroAt: number;
  endedAt: number;
  rpoSeconds: number | null;
  spent: { invocations: number; milliseconds: number };
};

/** What happens, as it happens: for a live view. */
export type Moment =
  | { kind: "point"; at: number; text: string }
  | { kind: "zero"; at: number }
  | { kind: "fault"; at: number; text: string }
  | { kind: "decision"; at: number; decision: Decision }
  | { kind: "run"; at: number; execution: Execution }
  | { kind: "step"; at: number; execution: Execution; invocation: Invocation };

export type StoryOptions = {
  plan: Plan;
  scenario: Scenario;
  seed: number;
  run: MachineName | null;
  /** Input of `run`, beside the application. */
  input?: Record<string, unknown>;
  /** Called before each invocation: for tests that end an execution in the middle. */
  onInvoking?: (execution: Execution, state: string, executions: ExecutionsOfRegion) => void;
  /** After the story: further replication passes, for tests of what is left. */
  furtherPasses?: number;
  onMoment?: (moment: Moment) => void;
  pace?: Pace;
};

const start = new Date("2026-01-05T00:00:00.000Z");
/** Between rotations, as they are deployed, seconds. */
const rotateEvery = 6 * 3_600;
/** Longest wait for the first recovery points, seconds. */
const pointsWithin = 12 * 3_600;
/** After the last thing that can still disturb the world, this long until nothing more is expected, seconds. */
const settle = 900;

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
  const quiet = run !== null || scenario.detect === "off";
  const plan = quiet
    ? { ...options.plan, detect: { ...options.plan.detect, action: "notify" as const } }
    : options.plan;
  const region = plan.regions.recovery;
  const tell = options.onMoment ?? (() => undefined);
  const decisions: Decision[] = [];

  const stage = createStage(plan, scenario, seed);
  const { world } = stage;
  const lambda = createLambda(handlers, stage);
  const executions: ExecutionsOfRegion = createExecutions(region, lambda, (event) => world.emit(event), {
    started: (execution) => tell({ kind: "run", at: Date.now(), execution }),
    ended: (execution) => tell({ kind: "run", at: Date.now(), execution }),
    invoking: (execution, state) => options.onInvoking?.(execution, state, executions),
    invoked: (execution, invocation) => tell({ kind: "step", at: Date.now(), execution, invocation }),
  });
  stage.connect(executions);
  await stepOf.run("deploy", () => createContext(stage.outside([])).store.savePlan(plan));

  const detect = async (event: unknown) => {
    if (stage.isDown()) return;
    const answer = (await lambda.invoke("Detect", event).catch(() => null)) as {
      decision?: Omit<Decision, "at">;
    } | null;
    const decision = answer?.decision;
    const last = decisions.at(-1);
    if (!decision || (last?.action === decision.action && last.code === decision.code)) return;
    const told = { at: Date.now(), action: decision.action, code: decision.code, because: decision.because };
    decisions.push(told);
    tell({ kind: "decision", at: told.at, decision: told });
  };
  const wake = (event: BusEvent) => {
    if (!stage.isDown()) void lambda.invoke("Wake", { application: plan.application, event }).catch(() => null);
  };
  const startBySchedule = (machine: MachineName) => {
    if (stage.isDown()) return;
    const name = `${machine}-${plan.application}-${Math.floor(Date.now() / 1_000)}`;
    executions.start(machine, name, { application: plan.application, by: "schedule" });
  };
  let over = false;
  const every = (seconds: number, first: number, what: () => void) => {
    const again = () => {
      if (over) return;
      what();
      world.after(seconds, again);
    };
    world.after(first, again);
  };
  world.onEvent((event) => {
    if (over) return;
    if (event.source === "aws.cloudwatch") void detect({ application: plan.application, event });
    if (tellsOfSnapshots(event)) wake(event);
    const { status, executionArn } = event.detail as { status?: string; executionArn?: string };
    if (event.source === "aws.states" && status !== "SUCCEEDED" && !executionArn?.includes(":lifeboat-close:"))
      startBySchedule("close");
  });
  const replicateEvery = Math.min(...plan.protect.map(({ everySeconds }) => everySeconds));
  if (plan.protect.length > 0) {
    every(replicateEvery, 5, () => startBySchedule("replicate"));
    every(rotateEvery, 600, () => startBySchedule("rotate"));
  }
  every(60, 20, () => void detect({ application: plan.application }));
  every(300, 50, () => startBySchedule("close"));

  const pointsExist = () => {
    const { points } = stateOf(world, region, plan.application);
    return newestPoints(points, Date.now()).size === plan.protect.length;
  };
  await until(() => pointsExist(), pointsWithin);
  const earliest = Math.max(0, ...scenario.faults.map(({ at }) => -at));
  const arming = Math.max(0, start.getTime() / 1_000 + plan.detect.armAfterHealthySeconds + 120 - Date.now() / 1_000);
  const lead = Math.max(
    earliest,
    arming,
    Math.floor(world.random.fork("lead").between(0, Number.isFinite(replicateEvery) ? replicateEvery : 1_800)),
  );
  const zeroAt = Date.now() + lead * 1_000;
  stage.schedule(zeroAt, (text) => tell({ kind: "fault", at: Date.now(), text }));
  tell({ kind: "point", at: Date.now(), text: "every resource has a complete recovery point" });
  await until(() => Date.now() >= zeroAt, lead + 60, 1);
  tell({ kind: "zero", at: zeroAt });
  const rpoSeconds = rpoAt(plan, stateOf(world, region, plan.application).points, zeroAt);

  if (run)
    executions.start(run, `${run}-by-hand`, {
      application: plan.application,
      reason: "rehearsal",
      ...(run === "failover" && { approve: true }),
      ...options.input,
    });
  const moved = () => stateOf(world, region, plan.application).row?.phase === "failedOver";
  const lastDisturbance = Math.max(zeroAt, stage.lastFaultAt());
  const ended = () => {
    if (executions.running("failover").length > 0 || executions.running("close").length > 0) return false;
    if (run && executions.running(run).length > 0) return false;
    const ends = executions.all().filter(({ machine }) => machine === (run ?? "failover"));
    const lastEnd = Math.max(0, ...ends.map(({ endedAt }) => endedAt ?? 0));
    const calm = Math.max(lastDisturbance, run ? lastEnd : Math.min(lastEnd, lastDisturbance + settle * 1_000));
    const needed = run || (moved() && lastEnd >= lastDisturbance) ? 120 : settle + plan.detect.verdict.sustainedSeconds;
    return Date.now() >= calm + needed * 1_000;
  };
  await until(ended, scenario.until, 10);
  for (let pass = 0; pass < (options.furtherPasses ?? 0); pass += 1) await furtherPass(executions, plan, run);
  over = true;
  await until(() => world.journal.every(({ outcome }) => outcome !== "pending"), 60, 1);
  return {
    plan: options.plan,
    scenario,
    seed,
    run,
    world,
    stage,
    executions: executions.all(),
    decisions,
    zeroAt,
    endedAt: Date.now(),
    rpoSeconds,
    spent: lambda.spent(),
  };
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
