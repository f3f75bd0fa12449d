import { readFileSync } from "node:fs";
import { limits } from "../functions/core/limits.ts";
import { createContext } from "../functions/runtime/context.ts";
import { inVirtualTime } from "../simulator/clock.ts";
import { ec2Of } from "../simulator/ec2/state.ts";
import { currentStep } from "../simulator/machines/current-step.ts";
import { createExecutions, type Execution, type MachineName } from "../simulator/machines/executions.ts";
import { handlers } from "../simulator/machines/handlers.ts";
import { createLambda } from "../simulator/machines/lambda.ts";
import { createRandom } from "../simulator/random.ts";
import { createEnvironment, type Environment } from "../simulator/world/environment.ts";
import { callFigures, type Figures, inOrder, measureFigures } from "./figures.ts";
import { application, primary, recovery, volumesOfInstance } from "./names.ts";
import { benchPlan } from "./plan.ts";
import { projectionOf } from "./projection.ts";
import { fullPercent } from "./proxy/slots.ts";
import type { Calls } from "./proxy/tally.ts";
import type { Regime } from "./regimes.ts";

/** Copies take 120 s, 30 % more or less. */
const copySeconds = { low: 84, high: 156 };
const start = new Date("2026-01-05T00:00:00.000Z");
const hour = 3_600;

/**
 * The machines themselves, with the waits of production, on the project's simulator in virtual time: its quota of 20
 * copies, its token buckets, its events. Seconds are virtual, and those of the replication pass alone.
 */
export const playVirtual = (regime: Regime, volumes: number, seed: number): Promise<Figures> => {
  const jitter = createRandom(seed).fork("Math.random");
  return inVirtualTime({ start, random: () => jitter.next() }, () => play(regime, volumes, seed));
};

const play = async (regime: Regime, volumes: number, seed: number): Promise<Figures> => {
  const { plan, world: inventory } = fleet(volumes);
  const calm = { until: hour, detect: "off" as const, faults: [], operations: [], events: [], applications: [] };
  const environment = createEnvironment(plan, { name: "bench", world: inventory, ...calm }, seed);
  const { world } = environment;
  world.notes.set("copySeconds", copySeconds);
  const lambda = createLambda(handlers, environment);
  const executions = createExecutions(recovery, lambda, (event) => world.emit(event));
  environment.connect(executions);
  world.onEvent((event) => {
    if (event["detail-type"].startsWith("EBS ")) void lambda.invoke("Wake", { application, event }).catch(() => null);
  });
  const store = await currentStep.run("deploy", async () => {
    const context = createContext(environment.outside([]));
    await context.store.savePlan(plan);
    return context.store;
  });
  const run = async (machine: MachineName, name: string, input: Record<string, unknown>) => {
    const execution = executions.start(machine, name, { application, ...input });
    for (let waited = 0; execution.status === "RUNNING" && waited < 48 * hour; waited += 5) await sleep(5);
    return execution;
  };

  await run("replicate", "first", { by: "schedule" });
  const [seen, known] = [world.journal.length, new Set(ec2Of(world, recovery).snapshots.keys())];
  const pass = await run("replicate", "cycle", { reason: "bench" });
  const made = copiesOf(environment, known);
  const points = await currentStep.run("judge", () => store.points(application, plan.protect[0]!.name));
  const rotation = await run("rotate", "rotation", { by: "schedule" });

  const counted = world.journal.slice(seen);
  const lastCopy = Math.max(...made.map(({ completedAt }) => completedAt ?? 0));
  tell(regime, imagesAfter(lastCopy, counted), counted, projectionOf(published(environment), points));
  const kept = copiesOf(environment, known).filter(({ state }) => state === "completed");
  const distinct = new Set(kept.map(({ lineage }) => lineage)).size;
  return inOrder({
    tool: "lifeboat (simulated)",
    version: version(),
    volumes,
    regime: regime.letter,
    ...callFigures(callsOf(counted), primary, volumes),
    ...measureFigures(
      ((pass.endedAt ?? Date.now()) - pass.startedAt) / 1_000,
      process.memoryUsage.rss() / 1_048_576,
      peakOf(made),
      fullPercent(changesOf(made), limits.copySlots, Math.max(...made.map(({ startedAt }) => startedAt))),
    ),
    completed: distinct,
    lost: volumes - distinct,
    duplicates: kept.length - distinct,
    exit: [pass, rotation].every(hasSucceeded) ? 0 : 1,
  });
};

const fleet = (volumes: number) => {
  const plan = benchPlan();
  const resource = plan.protect[0]!;
  resource.launch = { ...resource.launch, address: "auto" };
  const servers = Array.from({ length: volumes / volumesOfInstance }, (_, at) => ({
    name: `server-${at + 1}`,
    volumes: ["/dev/xvda", "/dev/sdf", "/dev/sdg", "/dev/sdh"].map((device) => ({ device, sizeGiB: 100 })),
  }));
  return { plan, world: { servers: { [resource.name]: servers } } as never };
};

const hasSucceeded = ({ status, name, error, cause }: Execution) => {
  if (status !== "SUCCEEDED") console.error(`${name}: ${status} ${error}: ${cause}`);
  return status === "SUCCEEDED";
};

const copiesOf = ({ world }: Environment, known: Set<string>) =>
  [...ec2Of(world, recovery).snapshots.values()].filter(({ id, copyOf }) => copyOf && !known.has(id));
type Copies = ReturnType<typeof copiesOf>;

const changesOf = (copies: Copies) =>
  copies.flatMap(({ startedAt, endsAt, completedAt }) => [
    { at: startedAt, by: 1 as const },
    { at: completedAt ?? endsAt, by: -1 as const },
  ]);

const peakOf = (copies: Copies) => {
  let [level, peak] = [0, 0];
  for (const { by } of changesOf(copies).toSorted((a, b) => a.at - b.at || a.by - b.by)) {
    level += by;
    peak = Math.max(peak, level);
  }
  return peak;
};

const callsOf = (journal: Environment["world"]["journal"]): Calls => {
  const kinds = Map.groupBy(
    journal,
    ({ service, operation, region }) => `${service.toLowerCase()} ${operation} ${region}`,
  );
  return [...kinds].map(([key, of]) => {
    const [operation = "", region = ""] = key.split(" ").slice(-2);
    return { service: key.split(" ").slice(0, -2).join(" "), operation, region, count: of.length };
  });
};

const published = ({ metrics }: Environment) =>
  metrics.map(({ at, name, value }) => ({ at: new Date(at).toISOString(), name, value }));

/** Seconds from the end of the last copy until the last image is asked for: only then a failover need register none. */
const imagesAfter = (lastCopy: number, journal: Environment["world"]["journal"]) => {
  const asked = journal.filter(({ operation }) => operation === "RegisterImage").map(({ at }) => Date.parse(at));
  return (Math.max(...asked) - lastCopy) / 1_000;
};

const tell = (
  { letter }: Regime,
  imagesSeconds: number,
  journal: Environment["world"]["journal"],
  projection: ReturnType<typeof projectionOf>,
) => {
  const throttles = journal.filter(({ outcome }) => outcome === "RequestLimitExceeded").length;
  const calls = callsOf(journal)
    .toSorted((a, b) => b.count - a.count)
    .map(({ service, operation, region, count }) => `  ${count} ${service} ${operation} ${region}`);
  const head = `simulated, regime ${letter}, ${throttles} throttles, last image registered ${imagesSeconds.toFixed(1)} s after the last copy, projection ${JSON.stringify(projection)}; calls:`;
  console.error([head, ...calls].join("\n"));
};

const version = () =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

const sleep = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
