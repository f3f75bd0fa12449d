/** The environment of a story: its world, its faults on the clock, and what each simulated container gets from outside. */

import type { Watch } from "../../functions/aws/calls/clients.ts";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Outside } from "../../functions/runtime/context.ts";
import { ec2Of } from "../ec2/state.ts";
import { populate } from "../inventory/inventory.ts";
import { createWorld, type Random, type Services, simulate, type World } from "../kernel.ts";
import type { ExecutionsOfRegion } from "../machines/executions.ts";
import type { Crash, LambdaEnvironment } from "../machines/lambda.ts";
import { stepFunctionsOf } from "../machines/stepfunctions.ts";
import { createSimulatedNet } from "../network/net.ts";
import { populateTraffic } from "../network/traffic.ts";
import type { Fault } from "../scenario/fault.ts";
import { applyFault } from "../scenario/fault-effects.ts";
import type { Scenario } from "../scenario/schema.ts";
import { scheduler } from "../services/scheduler.ts";
import { quotasOf } from "../services/service-quotas.ts";
import { services } from "../services.ts";
import { journalNet } from "../story/dependencies-net.ts";
import { plansOf } from "./applications.ts";

type Place = LambdaEnvironment & {
  /**
   * Resolves when Step Functions schedules tasks there. While it browns out no state is entered: no public page says so, but its
   * executions are kept and go on. [SFN:concepts-standard-vs-express] The clocks of their tasks are taken to run on: the worse case.
   */
  scheduling(): Promise<void>;
};

/**
 * The world of one story with everything that a container needs of it; `makeClients` takes the place of the SDK's own, and
 * `seen` sees every call with its reply.
 */
export const createEnvironment = (
  plan: Plan,
  scenario: Scenario,
  seed: number,
  makeClients: Outside["makeClients"] = undefined,
  seen: Watch[] = [],
) => {
  const faults: Fault[] = [];
  const world: World = createWorld({ seed, faults });
  const plans = plansOf(plan, scenario);
  for (const one of plans) {
    populate(world, one, one === plan ? scenario.world : undefined);
    populateTraffic(world, one);
  }
  const random = world.random.fork("lambda");
  const crashes: Crash[] = [];
  const logs: string[] = [];
  const metrics: { at: number; name: string; value: number; dimensions: Record<string, string> }[] = [];
  const machines = new Map<string, ExecutionsOfRegion>();
  const simulated: Services = { ...services, SFN: stepFunctionsOf((region) => machines.get(region)) };
  const log = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    logs.push(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(fields ?? {})}`);
  };
  let lastFault = 0;

  /**
   * Where functions of a Region run whose table is in `home`. A warm invocation starts within tens of milliseconds, a cold
   * one within a second. `from`: where their calls come from, null outside of every Region; `draws`: what their starts and calls
   * are drawn from, where that is of their own.
   */
  const placeOf = (region: string, home: string, from: string | null = region, draws?: Random): Place => ({
    crashes,
    brownOut: () => world.faults.brownOut("Lambda", region, Date.now()),
    scheduling: async () => {
      while (world.faults.brownOut("SFN", region, Date.now()))
        await new Promise((resolve) => setTimeout(resolve, 1_000));
    },
    concurrency: () => quotasOf(world, region).lambda,
    isDown: () => world.faults.isRegionDown(region, Date.now()),
    startMs: (cold) => Math.round(cold ? (draws ?? random).between(300, 900) : (draws ?? random).between(8, 40)),
    regionUp: () =>
      new Promise((resolve) => {
        const look = () => (world.faults.isRegionDown(region, Date.now()) ? world.after(5, look) : resolve());
        look();
      }),
    outside: (watches: Watch[]): Outside => ({
      settings: {
        region,
        home,
        table: "lifeboat",
        userDataTable: "lifeboat-user-data",
        bucket: `lifeboat-reports-${home}`,
        failoverMachine: `arn:aws:states:${home}:111122223333:stateMachine:lifeboat-failover:live`,
        answerMachine: `arn:aws:states:${home}:111122223333:stateMachine:lifeboat-answer:live`,
        replicateMachine: `arn:aws:states:${home}:111122223333:stateMachine:lifeboat-replicate:live`,
        detectFunction: `arn:aws:lambda:${home}:111122223333:function:lifeboat-detect`,
        schedulerRole: `arn:aws:iam::111122223333:role/lifeboat-look-${home}`,
      },
      watches: [...watches, ...seen, simulate(world, simulated, from, draws)],
      clientDefaults: {
        credentials: { accessKeyId: "SIMULATED", secretAccessKey: "simulated" },
        endpoint: "https://aws.simulated",
        // the person's own AWS_RETRY_MODE must not change a story
        retryMode: "standard",
        // a handler per command instead of one per call: 40 % of what a simulated call costs
        cacheMiddleware: true,
      },
      ...(makeClients && { makeClients }),
      net: journalNet(world, createSimulatedNet(world, from)),
      log: { info: log("info"), warn: log("warn"), error: log("error") },
      metrics: {
        add: (name, _unit, value, dimensions) => metrics.push({ at: Date.now(), name, value, dimensions }),
      },
      now: () => new Date(Date.now() + world.faults.skewSeconds(region, Date.now()) * 1_000),
    }),
  });

  return {
    ...placeOf(homeOf(plan), homeOf(plan)),
    world,
    plan,
    plans,
    logs,
    metrics,
    placeOf,
    lastFaultAt: () => lastFault,
    connect: (executions: ExecutionsOfRegion) => machines.set(executions.region, executions),
    /** What EventBridge Scheduler does when a schedule of detect is due. */
    connectScheduler(invoke: Parameters<typeof scheduler>[0]) {
      simulated.Scheduler = scheduler(invoke);
    },

    /** Puts the scenario's faults on the clock, now that time 0 is known. */
    schedule(zeroAt: number, tell: (text: string) => void) {
      for (const { at, for: seconds, ...fault } of scenario.faults) {
        const from = zeroAt + at * 1_000;
        const until = seconds ? from + seconds * 1_000 : Number.POSITIVE_INFINITY;
        lastFault = Math.max(lastFault, from, seconds ? until : 0);
        for (const one of asCallFaults(withSourceTypes(fault, world, plan), plans))
          faults.push({ ...one, from, until } as unknown as Fault);
        let undo = () => {};
        const later = (ms: number, what: () => void) => world.after(Math.max(0, (ms - Date.now()) / 1_000), what);
        later(from, () => {
          if (fault.fault === "lambda-crash") {
            const crash = { ...fault, operation: fault.operation ?? null };
            crashes.push(crash);
            if (seconds)
              later(until, () => void crashes.splice(crashes.indexOf(crash), crashes.includes(crash) ? 1 : 0));
          }
          undo = applyFault(world, plans, fault);
          tell(textOf(fault));
        });
        if (seconds)
          later(until, () => {
            undo();
            tell(`over: ${textOf(fault)}`);
          });
      }
    },
  };
};
export type Environment = ReturnType<typeof createEnvironment>;

type Bare = { fault: string } & Record<string, unknown>;

const textOf = ({ fault, ...fields }: Bare) => [fault, ...Object.values(fields).map(String)].join(" ");

/** `same` among the types without capacity means every type that the source's servers have. */
const withSourceTypes = (fault: Bare, world: World, plan: Plan): Bare => {
  if (!Array.isArray(fault.types)) return fault;
  const source = [...ec2Of(world, protectedOf(plan)).instances.values()].map(({ type }) => type);
  return { ...fault, types: fault.types.flatMap((type: string) => (type === "same" ? [...new Set(source)] : [type])) };
};

/** What an api witness is made to see is an answer of EC2 in its Region; the other witnesses are the traffic side's. */
const asCallFaults = (fault: Bare, plans: Plan[]): Bare[] => {
  if (fault.fault === "link-down") return [{ ...fault, caller: fault.from, callee: fault.to }];
  if (fault.fault !== "witness" || fault.state === "healthy") return [fault];
  const error = fault.state === "unhealthy" ? "ServiceUnavailable" : "UnauthorizedOperation";
  const regions = plans
    .filter(({ application }) => fault.application === undefined || fault.application === application)
    .flatMap(({ detect }) => detect.witnesses)
    .flatMap((witness) => (witness.kind === "api" && witness.name === fault.name ? [witness.region] : []));
  return [
    fault,
    ...[...new Set(regions)].map((region) => ({
      fault: "api-error",
      operation: "EC2.DescribeAvailabilityZones",
      region,
      error,
    })),
  ];
};
