import type { Watch } from "../../functions/aws/calls/clients.ts";
import { homeOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { createContext } from "../../functions/runtime/context.ts";
import { inVirtualTime } from "../clock.ts";
import { tellsOfSnapshots } from "../ec2/storage/events.ts";
import type { BusEvent, CallRecord } from "../kernel.ts";
import { currentStep } from "../machines/current-step.ts";
import { createExecutions, type Execution, type ExecutionsOfRegion, type MachineName } from "../machines/executions.ts";
import { handlers } from "../machines/handlers.ts";
import { createLambda, type Invocation } from "../machines/lambda.ts";
import { noWireProtocol } from "../no-wire-protocol.ts";
import { createRandom } from "../random.ts";
import type { Scenario } from "../scenario/schema.ts";
import { createEnvironment, type Environment } from "../world/environment.ts";

/** Weeks of protection without a disaster: replication and rotation on their schedules, and nothing that moves a run. */
export type FleetOptions = {
  plan: Plan;
  /** Its faults count from the start of the story. */
  scenario: Scenario;
  seed: number;
  days: number;
  /** When rotations are started, seconds from the start. */
  rotateAt: number[];
  /** When whatever runs is aborted, seconds from the start. */
  stopAt: number[];
  /** What else happens to the fleet, seconds from the start. */
  changes: { at: number; change: (environment: Environment) => void }[];
  watch: FleetWatch;
  /** See every call with its reply. */
  watches?: Watch[];
};

/** Callbacks while the story goes on: they check invariants that must hold at every moment, not only at the end. */
export type FleetWatch = {
  began(environment: Environment): void;
  invoking(execution: Execution, state: string): void;
  invoked(execution: Execution, invocation: Invocation, result: unknown): void;
  ended(execution: Execution): void;
  /** Every call once, after it was answered. */
  called(calls: CallRecord[]): void;
};

export type FleetStory = {
  environment: Environment;
  plan: Plan;
  seed: number;
  /** ms. */
  startedAt: number;
  endedAt: number;
  executions: Execution[];
};

/** Every fleet's story begins here. */
const start = new Date("2026-01-05T00:00:00.000Z");
export const fleetStart = start.getTime();
/** The sweep that closes what ended badly runs every five minutes when it is deployed; here only when there is something. */
const sweepSeconds = 300;
/** Undisturbed passes after the story, each with a rotation after it: what these leave, stays. */
const quietPasses = 2;
/** Longest that one pass may take, seconds. */
const passSeconds = 36 * 3_600;

/** Plays it in virtual time. */
export const playFleet = (options: FleetOptions): Promise<FleetStory> => {
  const jitter = createRandom(options.seed).fork("Math.random");
  return inVirtualTime({ start, random: () => jitter.next() }, () => play(options));
};

const play = async ({
  plan,
  scenario,
  seed,
  days,
  rotateAt,
  stopAt,
  changes,
  watch,
  watches,
}: FleetOptions): Promise<FleetStory> => {
  const region = homeOf(plan);
  const environment = createEnvironment(plan, scenario, seed, noWireProtocol, watches);
  const { world } = environment;
  const lambda = createLambda(handlers, environment);
  const tellCalls = (all: boolean) => {
    const pending = world.journal.filter(({ outcome }) => outcome === "pending" && !all);
    const calls = world.journal.splice(0).filter((call) => !pending.includes(call));
    world.journal.push(...pending);
    watch.called(calls);
  };
  const executions: ExecutionsOfRegion = createExecutions(region, lambda, (event) => world.emit(event), {
    scheduling: environment.scheduling,
    invoking: (execution, state) => watch.invoking(execution, state),
    invoked(execution, invocation) {
      watch.invoked(execution, invocation, execution.results.get(invocation.state));
      tellCalls(false);
    },
    ended(execution) {
      watch.ended(execution);
      if (execution.status !== "SUCCEEDED" && execution.machine !== "close") world.after(sweepSeconds, close);
    },
  });
  environment.connect(executions);
  await currentStep.run("deploy", () => createContext(environment.outside([])).store.savePlan(plan));
  watch.began(environment);

  const startedAt = Date.now();
  const random = createRandom(seed).fork("schedule");
  let over = false;
  const bySchedule = (machine: MachineName) => {
    const name = `${machine}-${plan.application}-${Math.floor(Date.now() / 1_000)}`;
    if (!executions.byName(machine, name))
      executions.start(machine, name, { application: plan.application, by: "schedule" });
  };
  const close = () => {
    if (!over) bySchedule("close");
  };
  const at = (seconds: number, what: () => void) =>
    world.after(startedAt / 1_000 + seconds - Date.now() / 1_000, () => {
      if (!over) what();
    });

  environment.schedule(startedAt, () => undefined);
  const every = Math.min(...plan.protect.map(({ everySeconds }) => everySeconds));
  // EventBridge Scheduler starts within its minute
  for (let round = 0; round * every < days * 86_400; round += 1)
    at(round * every + random.between(1, 59), () => bySchedule("replicate"));
  for (const seconds of rotateAt) at(seconds, () => bySchedule("rotate"));
  for (const seconds of stopAt)
    at(seconds, () => {
      for (const { arn } of executions.running()) executions.stop(arn);
    });
  for (const { at: seconds, change } of changes) at(seconds, () => change(environment));
  world.onEvent((event) => {
    if (over) return;
    if (event.source === "aws.states" && isBadEnd(event)) close();
    if (tellsOfSnapshots(event)) void lambda.invoke("Wake", { application: plan.application, event }).catch(() => null);
  });

  for (let day = 0; day < days; day += 1) await sleep(86_400);
  environment.crashes.length = 0;
  await untilIdle(executions);
  for (let pass = 0; pass < quietPasses; pass += 1) {
    bySchedule("replicate");
    await untilIdle(executions);
    bySchedule("rotate");
    await sleep(every);
  }
  over = true;
  await sleep(60);
  tellCalls(true);
  return { environment, plan, seed, startedAt, endedAt: Date.now(), executions: executions.all() };
};

const isBadEnd = ({ detail }: BusEvent) =>
  detail.status !== "SUCCEEDED" && !String(detail.executionArn).includes(":lifeboat-close:");

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));

const untilIdle = async (executions: ExecutionsOfRegion) => {
  for (let waited = 0; executions.running().length > 0 && waited < passSeconds; waited += 30) await sleep(30);
};
