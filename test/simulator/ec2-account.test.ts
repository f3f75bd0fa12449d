import { expect, test } from "vitest";
import { fastRestored } from "../../functions/aws/ec2/fast-restores.ts";
import { refusesFirstMetadata } from "../../functions/aws/ec2/metadata-defaults.ts";
import { protectionsOf } from "../../functions/aws/ec2/protections.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { matrixPlan } from "../simulation/play.ts";
import { oneServer } from "../support/ec2.ts";
import { simulated } from "../support/simulated.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"] as const;

test("what a server is protected by is told attribute by attribute", () => {
  const server = { name: "web-1", terminationProtected: true, ownShutdown: "terminate" };
  return simulated(
    { plan: oneServer, inventory: { servers: { web: [server] } } },
    async ({ clients, world, advance }) => {
      await advance(10);
      const [id = ""] = [...ec2Of(world, primary).instances.keys()];
      expect(await protectionsOf(clients, primary, id)).toEqual({ stop: false, termination: true, endsItself: true });
      expect(await fastRestored(clients, primary)).toEqual(new Set());
      expect(await refusesFirstMetadata(clients, recovery)).toBe(false);
    },
  );
});

test("an account that lets nothing start with IMDSv1: told before anything changes, and launched with IMDSv2", async () => {
  const plan = matrixPlan("failover");
  const volumes = [
    { device: "/dev/xvda", sizeGiB: 8, fastRestore: true },
    { device: "/dev/sdf", sizeGiB: 8, tags: { Backup: "daily" } },
  ];
  const server = ["server-1", "server-2"].map((name) => ({
    name,
    metadataTokens: "optional",
    ownShutdown: "terminate",
    stopProtected: false,
    volumes,
  }));
  const world = { servers: { server }, tokensEnforced: true };
  const faults = [{ at: "0s", fault: "region-down", region: "primary" }];
  const scenario = toScenario({ name: "enforced", world, faults }, "enforced", plan);
  const story = await playStory({ plan, scenario, seed: 1, run: "failover" });
  const result = resultOf(story);
  expect([result.outcome, result.invariants.filter(({ held }) => !held)]).toEqual(["succeeded", []]);
  const run = story.executions.find(({ machine }) => machine === "failover")!;
  const { warnings } = run.results.get("Preflight") as { warnings: string[] };
  expect(warnings.filter((one) => one.includes("IMDSv2 alone"))).toHaveLength(2);
  expect(warnings.filter((one) => one.includes("/dev/xvda has fast snapshot restore"))).toHaveLength(2);
  const asked = story.world.journal.filter(({ operation }) => operation === "RunInstances");
  // two zones are asked at once; whoever comes later asks for IMDSv2 first
  expect(asked.map(({ outcome }) => outcome).sort()).toEqual([
    "UnsupportedOperation",
    "UnsupportedOperation",
    "ok",
    "ok",
  ]);
  expect(story.world.journal.filter(({ operation }) => operation === "CreateTags").length).toBeGreaterThan(0);
});
