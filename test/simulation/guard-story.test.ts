import { expect, test } from "vitest";
import { isIsolated } from "../../simulator/ec2/network-acls.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { matrixPlan } from "./play.ts";

const plan = matrixPlan("failover");
const { primary, recovery } = plan.regions;
const dark = { at: "0s", for: "40m", fault: "region-down", region: primary };

const play = (name: string, world: object, faults: object[] = [], over: Partial<typeof plan.recover> = {}) => {
  const own = { ...plan, recover: { ...plan.recover, ...over } };
  const scenario = toScenario({ name, faults, world }, name, own);
  return playStory({ plan: own, scenario, seed: 1, run: "failover" });
};
type Played = Awaited<ReturnType<typeof play>>;
const running = ({ world }: Played) =>
  [...ec2Of(world, primary).instances.values()].filter(
    (one) => one.state === "running" && !isIsolated(world, primary, one),
  );
const changesOf = ({ world }: Played, step: string) =>
  world.journal
    .filter((call) => call.step === step && call.mutating && call.region === primary && call.outcome === "ok")
    .map(({ operation }) => operation);
const brokenInvariants = (story: Played) => resultOf(story).invariants.filter(({ held }) => !held);
const usual = { servers: { server: [{ name: "server-1" }, { name: "server-2" }] } };
const grouped = {
  servers: {
    server: [
      { name: "server-1", autoScaling: true },
      { name: "server-2", autoScaling: true },
    ],
  },
};
const stores = { servers: { server: [{ name: "server-1", type: "c5d.large" }, { name: "server-2" }] } };

test.each([
  ["plain servers", usual, ["StopInstances"]],
  ["a group that would replace them", grouped, ["SuspendProcesses", "StopInstances"]],
  ["a server with instance store", stores, ["CreateNetworkAcl", "ReplaceNetworkAclAssociation", "StopInstances"]],
])(
  "an old Region with %s wakes after the failover: its guard isolates it",
  async (name, world, changes) => {
    const story = await play(name, world, [dark]);

    expect(resultOf(story)).toMatchObject({ outcome: "succeeded" });
    expect(running(story)).toEqual([]);
    expect([...new Set(changesOf(story, "Guard"))].sort()).toEqual([...changes].sort());
    expect(brokenInvariants(story)).toEqual([]);
  },
  60_000,
);

test.each([
  ["a group", grouped, "SuspendProcesses"],
  ["instance store", stores, "ReplaceNetworkAclAssociation"],
])(
  "a failover from a Region that answers fences servers with %s, for required",
  async (name, world, change) => {
    const story = await play(name, world, [], { fence: "required" });

    expect(resultOf(story)).toMatchObject({ outcome: "succeeded" });
    expect(changesOf(story, "Fence")).toContain(change);
    expect(changesOf(story, "Guard")).toEqual([]);
    expect(running(story)).toEqual([]);
    expect(brokenInvariants(story)).toEqual([]);
  },
  60_000,
);

test("the guard of a Region that was never left changes nothing, all along", async () => {
  const noLaunch = { at: "0s", fault: "api-error", operation: "RunInstances", error: "UnauthorizedOperation" };
  const story = await play("no launch", usual, [noLaunch]);

  expect(resultOf(story).outcome).toBe("failed");
  expect(story.world.journal.some(({ step, region }) => step === "Guard" && region === recovery)).toBe(true);
  expect(changesOf(story, "Guard")).toEqual([]);
  expect(running(story)).toHaveLength(2);
});
