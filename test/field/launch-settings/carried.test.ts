import { expect, it } from "vitest";
import { shapeOf } from "../../../simulator/ec2/instances/shape.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { toScenario } from "../../../simulator/scenario/scenario.ts";
import { playStory } from "../../../simulator/story/story.ts";
import { readPlan } from "../../../terminal/plan-file.ts";

/** The whole way of a setting: described, written into the point, launched, and, where a launch has no word for it, put right after. */
it("a recovered server has the metadata options and credits of its source, forwards for others, and an empty disk for a scratch one", async () => {
  const { plan: pair } = readPlan("test/simulation/two-servers.yml");
  const exclude = { volumes: ["/dev/sdf"], replace: "empty" as const };
  const plan = { ...pair!, protect: pair!.protect.map((one) => ({ ...one, exclude })) };
  const volumes = ["/dev/xvda", "/dev/sdf"].map((device, at) => ({ device, sizeGiB: 8 + at, type: "gp3" }));
  const server = ["server-1", "server-2"].map((name) => ({ name, type: "t3.large", forwards: true, volumes }));
  const scenario = toScenario({ name: "settings", world: { servers: { server } } }, "settings", plan);
  const { world } = await playStory({ plan, scenario, seed: 1, run: "failover" });
  const { instances, volumes: disks } = ec2Of(world, plan.regions.recovery);
  expect(instances.size).toBe(2);
  for (const instance of instances.values()) {
    expect(shapeOf(world, plan.regions.recovery, instance)).toMatchObject({
      SourceDestCheck: false,
      InstanceType: "t3.large",
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2, InstanceMetadataTags: "disabled" },
    });
    expect(instance.options?.CreditSpecification).toEqual({ CpuCredits: "unlimited" });
    const [, scratch] = instance.volumes.map(({ volume }) => disks.get(volume)!);
    expect(scratch).toMatchObject({ sizeGiB: 9, snapshot: null });
  }
});
