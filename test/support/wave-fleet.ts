import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";

const pair = readPlanOrThrow(new URL("../simulation/two-servers.yml", import.meta.url).pathname);
const zones = ["a", "b", "c"];
const groupOf = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/${name}/0123456789abcdef`;

/** A failover of many servers: so many in so many waves behind load balancers, `mute` of which never serve. */
export type WaveFleet = {
  servers: number;
  waves: number;
  minimumPercent: number;
  mute?: number;
  seed?: number;
  boot?: "inOrder" | "together";
  verify?: Resource["verify"];
  faults?: unknown[];
};

const planOf = ({ waves, minimumPercent, boot = "inOrder", verify }: WaveFleet): Plan => {
  const [like] = pair.protect as [Resource];
  const names = Array.from({ length: waves }, (_, wave) => `tier${wave}`);
  const subnets = Object.fromEntries(zones.map((zone) => [`eu-central-1${zone}`, [`subnet-0${zone}10`]]));
  const protect = names.map((name): Resource => {
    const launch = {
      ...like.launch,
      subnets,
      minimumPercent,
      elasticIps: [],
      instanceTypes: ["same"],
      address: "auto" as const,
      targetGroups: [groupOf(name)],
    };
    const how = { http: { port: 80, path: "/healthz" }, withinSeconds: 600, from: "targetGroup" as const };
    return {
      ...like,
      name,
      select: { tags: { App: name } },
      encryptKey: null,
      every: "rate(1 day)",
      everySeconds: 86_400,
      launch,
      verify: verify === undefined ? how : verify,
    };
  });
  const records = pair.traffic!.records.map((record) => ({
    ...record,
    recovery: { alias: { zone: "Z215JYRZR1TBD5", name: "fleet.eu-central-1.elb.amazonaws.com" } },
  }));
  return {
    ...pair,
    protect,
    recover: { ...pair.recover, lossBudgetSeconds: 172_800, waves: names.map((name) => [name]), boot },
    traffic: { ...pair.traffic!, records },
    objectives: { rpoSeconds: 86_400, rtoSeconds: 7_200 },
  };
};

/** Plays it, and tells what grows with the servers. Simulated figures. */
export const playWaveFleet = async (fleet: WaveFleet) => {
  const { servers, waves, mute = 0, seed = 1, faults = [] } = fleet;
  const plan = planOf(fleet);
  // spread over each wave as over all of them
  const every = mute > 0 ? Math.floor(servers / mute) : Number.POSITIVE_INFINITY;
  const specs = Array.from({ length: servers }, (_, at) => ({
    name: `s-${String(at).padStart(4, "0")}`,
    type: "m5.large",
    volumes: [{ device: "/dev/xvda", sizeGiB: 8 }],
    neverServes: (Math.floor(at / waves) + 1) % every === 0,
  }));
  const world = {
    vcpus: 100_000,
    servers: Object.fromEntries(
      Array.from({ length: waves }, (_, wave) => [`tier${wave}`, specs.filter((_, at) => at % waves === wave)]),
    ),
  };
  const outage = { at: "0s", fault: "region-down", region: "primary" };
  const scenario = toScenario({ name: "fleet", until: "4h", world, faults: [outage, ...faults] }, "fleet", plan);
  const story = await playStory({ plan, scenario, seed, run: null });
  const result = resultOf(story);
  const run = story.executions.filter(({ machine }) => machine === "failover").at(-1);
  const own = story.world.journal.filter(
    ({ at }) => Date.parse(at) >= (run?.startedAt ?? 0) && Date.parse(at) <= (run?.endedAt ?? 0),
  );
  const payload = JSON.stringify([run?.input, ...(run?.results.values() ?? [])]).length;
  return {
    story,
    result,
    outcome: result.outcome,
    rtoSeconds: result.rtoSeconds,
    oracleSeconds: result.rtoOracleSeconds,
    /** Input and last results of all steps together: no state's payload is larger. */
    payloadBytes: payload,
    historyEvents: run?.historyEvents ?? 0,
    transitions: run?.transitions ?? 0,
    invocations: run?.invocations.length ?? 0,
    calls: own.length,
    runInstances: own.filter(({ operation }) => operation === "RunInstances").length,
    broken: result.invariants.filter(({ held }) => !held),
  };
};
