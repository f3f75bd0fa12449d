import { execFileSync } from "node:child_process";
import { beforeAll, expect, it } from "vitest";
import type { Watch } from "../../functions/aws/calls/clients.ts";
import { createRandom } from "../../simulator/random.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { playFleet } from "../../simulator/story/fleet-story.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { readDirectory } from "../scenarios/directory.ts";
import { fleetPlan } from "../simulation/fleet-plan.ts";
import { dark, pairPlan, playPair } from "../support/pair.ts";
import { motoFolder, root } from "./processes.ts";

/** Recorded calls, one of each shape: JSON in which digits and small letters are not told apart. */
const calls = new Map<string, string>();

const record: Watch = async ({ service, operation, input }, next) => {
  const keep = (told: object) => {
    const line = JSON.stringify({ service, operation, input, ...told }, asTyped);
    calls.set(line.replace(/[0-9]/g, "0").replace(/[a-z]/g, "a"), line);
  };
  try {
    const reply = await next();
    keep({ output: reply.output });
    return reply;
  } catch (error) {
    keep({ error: (error as Error).name });
    throw error;
  }
};

/** JSON.stringify gives dates as texts: `this` has them as they are. */
function asTyped(this: Record<string, unknown>, key: string, member: unknown) {
  if (key === "$metadata") return undefined;
  if (this[key] instanceof Date) return { $date: member };
  return this[key] instanceof Uint8Array ? "bytes" : member;
}

const problemsOf = (lines: Iterable<string>): string[] =>
  JSON.parse(
    execFileSync(`${motoFolder}/bin/python`, [`${root}test/moto/check-models.py`], {
      input: `${[...lines].join("\n")}\n`,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    }),
  );

const seen = { wireProtocol: true, watches: [record] };
/** Scenario directories with calls of their own. */
const directories = [
  ...["approval-comes", "fence-auto-scaling", "every-control-plane-dark", "records-throttled", "records-weighted"],
  ...["fence-instance-store", "routing-control", "routing-control-endpoints-dark"],
];

/** Failovers of two servers, of the web shop, and of whatever else has calls of its own; and a day of points that come and go. */
beforeAll(async () => {
  await playPair(seen);
  await playPair({ ...seen, run: "failover", scenario: { faults: [] } });
  await playPair({ ...seen, run: "rotate", scenario: { faults: [] }, furtherPasses: 2 });
  const pair = pairPlan();
  const undone = { ...pair, recover: { ...pair.recover, fenceFirst: true, onFailure: "unfence" as const } };
  const noLaunch = { fault: "api-error", operation: "RunInstances", error: "UnauthorizedOperation" };
  await playPair({ ...seen, plan: undone, run: "failover", scenario: { faults: [noLaunch] } });
  for (const name of directories) await playStory({ ...readDirectory(name), ...seen, run: null });
  for (const name of ["fence-auto-scaling", "fence-instance-store"]) {
    const { plan, scenario, ...rest } = readDirectory(name);
    const recover = { ...plan.recover, ...undone.recover, waves: plan.recover.waves };
    const faults = [...scenario.faults, ...toScenario({ name: "no", faults: [noLaunch] }, "no", plan).faults];
    await playStory({ ...rest, ...seen, plan: { ...plan, recover }, scenario: { ...scenario, faults }, run: null });
  }
  const locked = { ...pair, protect: pair.protect.map((one) => ({ ...one, lockSeconds: 86_400 })) };
  await playPair({ ...seen, plan: locked, run: "replicate", scenario: { faults: [] } });
  const { plan } = readPlan("examples/web-shop.yml");
  const scenario = toScenario({ name: "dark", faults: [dark] }, "dark", plan!);
  await playStory({ ...seen, plan: plan!, scenario, seed: 1, run: null });
  await playFleet(aFleet());
}, 300_000);

/** A day of four servers, two of which go by their images. */
const aFleet = (): Parameters<typeof playFleet>[0] => {
  const { plan, world } = fleetPlan("small", createRandom(1));
  for (const [server] of Object.values(world!.servers!)) server!.platform = "Windows";
  const nothing = () => undefined;
  return {
    plan,
    seed: 1,
    days: 1,
    rotateAt: [],
    stopAt: [],
    changes: [],
    watches: [record],
    scenario: { ...toScenario({ name: "fleet", faults: [] }, "fleet", plan), world },
    watch: { began: nothing, invoking: nothing, invoked: nothing, ended: nothing, called: nothing },
  };
};

/** Differences that stay, and why. */
const allowed: Record<string, string> = {
  "DynamoDB BatchGetItem output.UnprocessedKeys: below the least of 1":
    "DynamoDB itself answers {} when nothing is left",
  "DynamoDB BatchWriteItem output.UnprocessedItems: below the least of 1": "the same",
  "Route 53 ListResourceRecordSets output.MaxItems: no string, but int": "the SDK for JavaScript says number",
};

it("every request and reply of the simulated AWS is one that AWS's own models allow", () => {
  expect(problemsOf(calls.values())).toEqual(Object.keys(allowed).sort());
  const operations = [...calls.values()].map((line) => {
    const { service, operation } = JSON.parse(line);
    return `${service} ${operation}`;
  });
  expect(operations).toEqual(
    expect.arrayContaining(["EC2 LockSnapshot", "Auto Scaling ResumeProcesses", "EC2 DeleteNetworkAcl"]),
  );
  expect(new Set(operations).size).toBeGreaterThanOrEqual(58);
});

it("a request or a reply that a model does not allow is found", () => {
  const call = { service: "SSM", operation: "GetCommandInvocation" };
  const wrong = [
    { ...call, input: { CommandId: "command-0", InstanceId: 7, Plugin: "" } },
    { ...call, input: { CommandId: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9" }, output: { Status: "Fine" } },
    { ...call, error: "InvalidCommand" },
    { service: "Scheduler", operation: "MakeSchedule", input: {} },
  ];
  expect(problemsOf(wrong.map((one) => JSON.stringify(one)))).toEqual([
    "SSM GetCommandInvocation error: InvalidCommand is not in the model",
    "SSM GetCommandInvocation input.CommandId: below the least of 36",
    "SSM GetCommandInvocation input.InstanceId: missing",
    "SSM GetCommandInvocation input.InstanceId: no string, but int",
    "SSM GetCommandInvocation input.Plugin: unknown",
    "SSM GetCommandInvocation output.Status: not of the enum",
    "Scheduler MakeSchedule: unknown operation",
  ]);
});
