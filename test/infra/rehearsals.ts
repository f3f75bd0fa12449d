import type { Plan, Resource, TrafficRecord } from "../../functions/core/model/plan.ts";
import { readScenario, toScenario } from "../../simulator/scenario/scenario.ts";
import type { Story, StoryOptions } from "../../simulator/story/played-story.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { readDirectory } from "../scenarios/directory.ts";
import { windowsServers } from "../support/image-scene.ts";
import { twentyServers } from "../support/pair.ts";
import { tiersPlan, tiersWorld } from "../support/tiers.ts";

/** A story whose calls are compared with the roles, and how its run ends, or its runs. */
export type Rehearsal = {
  name: string;
  ends: string;
  play: (began: NonNullable<StoryOptions["began"]>) => Promise<Story>;
};

const planOf = (file: string): Plan => {
  const { plan, problems } = readPlan(new URL(`../../${file}`, import.meta.url).pathname);
  if (!plan) throw new Error(`${file}: ${JSON.stringify(problems)}`);
  return plan;
};
const pairFile = "test/simulation/two-servers.yml";
const pair = planOf(pairFile);

/** One of the shipped scenarios, as `lifeboat rehearse` plays it. */
const shipped = (scenario: string, file: string, ends = "succeeded"): Rehearsal => {
  const plan = planOf(file);
  const play: Rehearsal["play"] = (began) =>
    playStory({ plan, scenario: readScenario(scenario, plan), seed: 1, run: null, began });
  return { name: `${scenario} with ${file}`, ends, play };
};

/** One of the scenario directories, whose calls are of a kind that the plans here do not make. */
const directory = (name: string, ends = "succeeded"): Rehearsal => {
  const { plan, scenario, seed } = readDirectory(name);
  return { name, ends, play: (began) => playStory({ plan, scenario, seed, run: null, began }) };
};

type Options = Partial<StoryOptions> & {
  recover?: Partial<Plan["recover"]>;
  resource?: Partial<Resource>;
  launch?: Partial<Resource["launch"]>;
  records?: Partial<TrafficRecord>;
  faults?: unknown[];
  operations?: unknown[];
  topics?: string[];
  world?: unknown;
  ends?: string;
};

/** A run by hand of the plan with two servers, varied. */
const own = (name: string, options: Options): Rehearsal => {
  const { recover, resource, launch, records, faults = [], operations = [], ...others } = options;
  const { topics = pair.notify.topics, world, ends = "succeeded", ...rest } = others;
  const traffic = records && {
    ...pair.traffic!,
    switch: "records" as const,
    records: pair.traffic!.records.map((record) => ({ ...record, ...records })),
  };
  const plan: Plan = {
    ...pair,
    recover: { ...pair.recover, ...recover },
    notify: { ...pair.notify, topics },
    protect: pair.protect.map((one) => ({ ...one, ...resource, launch: { ...one.launch, ...launch } })),
    ...(traffic && { traffic }),
  };
  const scenario = toScenario({ name, faults, operations, ...(world !== undefined && { world }) }, name, plan);
  return { name, ends, play: (began) => playStory({ plan, scenario, seed: 1, run: "failover", ...rest, began }) };
};

/** Two tiers, the second of which looks the first up in a private zone. */
const tiers = (): Rehearsal => {
  const [name, plan] = ["names of a private zone between two waves", tiersPlan()];
  const scenario = toScenario({ name, faults: [dark], world: tiersWorld }, name, plan);
  return { name, ends: "succeeded", play: (began) => playStory({ plan, scenario, seed: 1, run: "failover", began }) };
};

/** Ends the run from outside as it enters this state: `close` finds its lease. */
const abortedAt = (state: string, by = "-by-hand"): NonNullable<StoryOptions["onInvoking"]> => {
  let done = false;
  return (execution, entered, executions) => {
    if (done || entered !== state || !execution.name.endsWith(by)) return;
    done = true;
    executions.stop(execution.arn, "ABORTED");
  };
};

const launched = { launched: "server" };
const windows = { servers: { server: windowsServers("server-1", "server-2") } };
/** A group that replaces what is stopped, and a server that stopping would cost its data. */
const delicate = {
  servers: {
    server: [
      { name: "server-1", autoScaling: true },
      { name: "server-2", autoScaling: true, type: "c5d.large" },
    ],
  },
};
const nothingKept = { hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
/** Nothing happens, five hours before time 0: by then there are ten points. */
const tenPoints = { at: "-5h", for: "1m", fault: "late-events", by: "1s" };
const dark = { at: "0s", fault: "region-down", region: "primary" };

export const rehearsals: Rehearsal[] = [
  shipped("primary-region-down", "examples/web-shop.yml"),
  shipped("primary-region-down", "examples/minimal.yml"),
  shipped("region-fails-during-replicate", pairFile),
  shipped("no-capacity", pairFile),
  own("simple record to the launched servers, fence required", {
    recover: { fence: "required" },
    records: { policy: "simple", recovery: launched },
  }),
  own("failover record to a known address, fenced first", { recover: { fenceFirst: true }, records: {} }),
  own("status checks instead of a probe, fixed addresses, no user data", {
    resource: { verify: null },
    launch: { address: { "server-1": "10.0.0.20", "server-2": "10.0.0.21" }, userData: "none" },
  }),
  own("burstable servers that forward for others, asked by themselves once their volumes are whole", {
    resource: { verify: { tcp: { port: 5_432 }, withinSeconds: 1_800, from: "ssm", initialized: true } },
    launch: { initializationRate: 300 },
    world: {
      servers: {
        server: ["server-1", "server-2"].map((name) => ({
          name,
          type: "t3.large",
          forwards: true,
          metadataTokens: "optional",
          volumes: [
            { device: "/dev/xvda", sizeGiB: 8 },
            { device: "/dev/sdf", sizeGiB: 8, tags: { Backup: "daily" } },
          ],
        })),
      },
    },
  }),
  own("no capacity in the recovery Region, behind the fence", {
    recover: { fenceFirst: true, onFailure: "unfence" },
    faults: [{ fault: "no-capacity", zones: Object.keys(pair.protect[0]!.launch.subnets) }],
    ends: "failed",
  }),
  own("a group and instance store, behind the fence", {
    recover: { fenceFirst: true, onFailure: "unfence" },
    world: delicate,
    ends: "failed",
    faults: [{ fault: "no-capacity", zones: Object.keys(pair.protect[0]!.launch.subnets) }],
  }),
  own("an old Region that wakes with a group and instance store", {
    world: delicate,
    faults: [{ ...dark, for: "40m" }],
  }),
  own("servers that may not be stopped", {
    recover: { fence: "required", onFailure: "unfence" },
    faults: ["StopInstances", "CreateNetworkAcl"].map((operation) => ({
      fault: "api-error",
      operation,
      error: "UnauthorizedOperation",
    })),
    ends: "refused",
  }),
  own("images that were never registered", {
    faults: [{ at: "-40m", for: "40m", fault: "api-error", operation: "RegisterImage", error: "InternalError" }, dark],
  }),
  own("servers whose licence stands in their images", { world: windows, faults: [dark] }),
  own("images whose copies fail", {
    run: "replicate",
    world: windows,
    furtherPasses: 2,
    faults: [{ at: "-2h", for: "3h", fault: "copy-error", rate: 0.4 }],
  }),
  own("more copies than a chunk of the queue holds", { run: "replicate", world: twentyServers }),
  own("points that are locked", { run: "replicate", resource: { lockSeconds: 86_400 } }),
  own("a rotation after a volume was deleted", {
    run: "rotate",
    input: { approve: true },
    resource: { keep: { ...nothingKept, hourly: 1 } },
    faults: [tenPoints, { at: "-3h", fault: "volume-deleted", count: 1 }],
  }),
  own("a rotation of images, whose sources are kept shorter", {
    run: "rotate",
    input: { approve: true },
    world: windows,
    resource: { keep: { ...nothingKept, hourly: 3 }, keepSource: { ...nothingKept, hourly: 1 } },
    faults: [tenPoints],
  }),
  own("copies that fail", { run: "replicate", furtherPasses: 2, faults: [{ fault: "copy-error", rate: 0.4 }] }),
  own("a person who starts it while all is green, and is asked", {
    input: { approve: false },
    topics: ["arn:aws:sns:eu-central-1:111122223333:lifeboat"],
    operations: [{ at: "2m", do: "approve" }],
  }),
  own("a record of a private zone, asked from inside", {
    records: { policy: "simple", private: true, zone: "Z0123456789PRIVATEZN" },
  }),
  tiers(),
  directory("records-weighted-steps"),
  directory("records-private-zone"),
  directory("routing-control"),
  own("a run that no topic wanted to hear of as it ended", {
    topics: ["arn:aws:sns:eu-central-1:111122223333:lifeboat"],
    records: {},
    faults: [{ for: "15m", fault: "control-plane-down", services: ["SNS"] }],
  }),
  own("a run that dies as it changes the records, and is finished by another one", {
    records: {},
    ends: "failed",
    faults: [
      {
        for: "25m",
        fault: "lambda-crash",
        step: "Reroute",
        operation: "ChangeResourceRecordSets",
        when: "before",
        count: 1_000,
      },
    ],
  }),
  own("a run of detect that ends on a passing fault, and is started once more", {
    run: null,
    ends: "failed, succeeded",
    faults: [dark, { at: "0s", for: "18m", fault: "lambda-crash", step: "LossGate", when: "before", count: 10_000 }],
  }),
  own("an aborted run", { onInvoking: abortedAt("LossGate"), ends: "failed" }),
  own("a run of an incident that a person stops, so that detect asks how it ended", {
    run: null,
    faults: [dark],
    onInvoking: abortedAt("Preflight", "Z"),
    ends: "failed",
  }),
  own("an aborted pass", { run: "replicate", onInvoking: abortedAt("Copy"), furtherPasses: 1, ends: "failed" }),
];
