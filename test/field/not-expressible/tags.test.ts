import type { TagSpecification } from "@aws-sdk/client-ec2";
import { expect, it } from "vitest";
import { toScenario } from "../../../simulator/scenario/scenario.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlan } from "../../../terminal/plan-file.ts";
import { windowsServers } from "../../support/image-scene.ts";

/** Calls that a policy of the organisation refuses without its own tag: it looks at the call, not at what is made. */
const asked = ["CreateSnapshots", "CopySnapshot", "CreateImage", "CopyImage", "RegisterImage"];

/**
 * An organisation that lets nobody make a snapshot or an image without an owner is given one in the very call.
 * [aws/karpenter-provider-aws#7147, vmware-tanzu/velero#2957, cloudavail/aws-missing-tools#28]
 */
it("every snapshot, copy and image carries the plan's tags from the call that makes it", async () => {
  const { plan: pair } = readPlan("test/simulation/two-servers.yml");
  const plan = { ...pair!, protect: pair!.protect.map((one) => ({ ...one, tags: { Owner: "shop-team" } })) };
  const servers = [...windowsServers("server-1"), { name: "server-2" }];
  const scenario = toScenario({ name: "tags", world: { servers: { server: servers } } }, "tags", plan);
  const { world } = await playStory({ plan, scenario, seed: 1, run: "replicate" });
  const calls = world.journal.filter(({ service, operation }) => service === "EC2" && asked.includes(operation));
  expect([...new Set(calls.map(({ operation }) => operation))].sort()).toEqual([...asked].sort());
  for (const { operation, input } of calls)
    for (const { ResourceType, Tags } of input.TagSpecifications as TagSpecification[])
      expect(Tags, `${operation} ${ResourceType}`).toContainEqual({ Key: "Owner", Value: "shop-team" });
});
