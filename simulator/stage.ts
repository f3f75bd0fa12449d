import type { Watch } from "../functions/aws/clients.ts";
import type { Plan } from "../functions/core/plan.ts";
import type { Outside } from "../functions/runtime/context.ts";
import { ec2Of } from "./ec2/state.ts";
import type { ExecutionsOfRegion } from "./executions.ts";
import type { Fault } from "./faults.ts";
import { furnish } from "./inventory.ts";
import { createWorld, type Services, simulate, type World } from "./kernel.ts";
import { aliasesOf, moveAlias } from "./kms.ts";
import { createSimulatedNet } from "./net.ts";
import type { Crash } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import { services } from "./services.ts";
import { stepFunctions } from "./stepfunctions.ts";
import { furnishTraffic } from "./traffic.ts";

/** The world of one story with everything that a container needs of it; `clientOptions` go to every client of the SDK. */
export const createStage = (plan: Plan, scenario: Scenario, seed: number, clientOptions: object = {}) => {
  const faults: Fault[] = [];
  const world: World = createWorld({ seed, faults });
  furnish(world, plan, scenario.world);
  furnishTraffic(world, plan);
  const region = plan.regions.recovery;
  const random = world.random.fork("lambda");
  const crashes: Crash[] = [];
  const logs: string[] = [];
  const metrics: { at: number; name: string; value: number; dimensions: Record<string, string> }[] = [];
  const simulated: Services = { ...services };
  const watch = simulate(world, simulated);
  let lastFault = 0;

  return {
    world,
    plan,
    crashes,
    logs,
    metrics,
    lastFaultAt: () => lastFault,
    isDown: () => world.faults.isRegionDown(region, Date.now()),

    connect(executions: ExecutionsOfRegion) {
      simulated.SFN = stepFunctions(executions);
    },

    outside(watches: Watch[]): Outside {
      const log = (level: string) => (message: string, fields?: Record<string, unknown>) => {
        logs.push(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(fields ?? {})}`);
      };
      return {
        settings: {
          region,
          table: "lifeboat",
          userDataTable: "lifeboat-user-data",
          bucket: `lifeboat-reports-${region}`,
          failoverMachine: `arn:aws:states:${region}:111122223333:stateMachine:lifeboat-failover:live`,
          replicateMachine: `arn:aws:states:${region}:111122223333:stateMachine:lifeboat-replicate:live`,
        },
        watches: [...watches, watch],
        clientDefaults: {
          credentials: { accessKeyId: "SIMULATED", secretAccessKey: "simulated" },
          endpoint: "https://aws.simulated",
          // the person's own AWS_RETRY_MODE must not change a story
          retryMode: "standard",
          // a handler per command instead of one per call: 40 % of what a simulated call costs
          cacheMiddleware: true,
          ...clientOptions,
        },
        net: createSimulatedNet(world),
        log: { info: log("info"), warn: log("warn"), error: log("error") },
        metrics: {
          add: (name, _unit, value, dimensions) => metrics.push({ at: Date.now(), name, value, dimensions }),
        },
        now: () => new Date(),
      };
    },

    /** A warm invocation starts within tens of milliseconds, a cold one within a second. */
    startMs: (cold: boolean) => Math.round(cold ? random.between(300, 900) : random.between(8, 40)),

    regionUp(): Promise<void> {
      return new Promise((resolve) => {
        const look = () => (world.faults.isRegionDown(region, Date.now()) ? world.after(5, look) : resolve());
        look();
      });
    },

    /** Puts the scenario's faults on the clock, now that time 0 is known. */
    schedule(zeroAt: number, tell: (text: string) => void) {
      for (const { at, for: seconds, ...fault } of scenario.faults) {
        const from = zeroAt + at * 1_000;
        const until = seconds ? from + seconds * 1_000 : Number.POSITIVE_INFINITY;
        lastFault = Math.max(lastFault, from, seconds ? until : 0);
        faults.push({ ...asCallFault(withSourceTypes(fault, world, plan), plan), from, until } as unknown as Fault);
        const later = (ms: number, what: () => void) => world.after(Math.max(0, (ms - Date.now()) / 1_000), what);
        later(from, () => {
          if (fault.fault === "lambda-crash") {
            const crash = { ...fault, operation: fault.operation ?? null };
            crashes.push(crash);
            if (seconds)
              later(until, () => void crashes.splice(crashes.indexOf(crash), crashes.includes(crash) ? 1 : 0));
          }
          if (fault.fault === "alias-moved")
            for (const alias of fault.alias ? [fault.alias] : aliasesOf(world, fault.region))
              moveAlias(world, fault.region, alias);
          tell(textOf(fault));
        });
        if (seconds) later(until, () => tell(`over: ${textOf(fault)}`));
      }
    },
  };
};
export type Stage = ReturnType<typeof createStage>;

type Bare = { fault: string } & Record<string, unknown>;

const textOf = ({ fault, ...fields }: Bare) => [fault, ...Object.values(fields).map(String)].join(" ");

/** `same` among the types without capacity means every type that the source's servers have. */
const withSourceTypes = (fault: Bare, world: World, plan: Plan): Bare => {
  if (!Array.isArray(fault.types)) return fault;
  const source = [...ec2Of(world, plan.regions.primary).instances.values()].map(({ type }) => type);
  return { ...fault, types: fault.types.flatMap((type: string) => (type === "same" ? [...new Set(source)] : [type])) };
};

/** What an api witness is made to see is an answer of EC2 in its Region; the other witnesses are the traffic side's. */
const asCallFault = (fault: Bare, plan: Plan): Bare => {
  const witness = plan.detect.witnesses.find(({ name }) => fault.fault === "witness" && name === fault.name);
  if (witness?.kind !== "api" || fault.state === "healthy") return fault;
  const error = fault.state === "unhealthy" ? "ServiceUnavailable" : "UnauthorizedOperation";
  return { fault: "api-error", operation: "EC2.DescribeAvailabilityZones", region: witness.region, error };
};
