import { expect, test } from "vitest";
import type { Plan } from "../../../functions/core/model/plan.ts";
import { instancesOf, serves } from "../../../simulator/ec2/serves.ts";
import { ec2Of, profilesOf } from "../../../simulator/ec2/state.ts";
import { populateAddresses } from "../../../simulator/inventory/network.ts";
import { findKey } from "../../../simulator/services/kms.ts";
import { aPlan, aResource } from "../../support/builders.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";
import { tiersPlan } from "../../support/tiers.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];

const tier = (name: string, letters: string) =>
  aResource({
    name,
    select: { tags: { Tier: name } },
    encryptKey: "alias/dr",
    launch: {
      ...aResource().launch,
      subnets: Object.fromEntries([...letters].map((letter) => [recovery + letter, [`subnet-${name}-${letter}`]])),
    },
  });

const shop: Plan = aPlan({
  protect: [tier("app", "abc"), tier("web", "abc")],
  recover: { ...aPlan().recover, waves: [["app"], ["web"]] },
});

const inventoryOf = (plan: Plan, look: (live: Simulated) => void, inventory: unknown = {}) =>
  simulated({ plan, inventory }, async (live) => look(live));

test("two tiers in three zones have 12 servers and 30 volumes, one with four, a third encrypted with two keys", () =>
  inventoryOf(shop, ({ world }) => {
    const { instances, volumes } = ec2Of(world, primary);
    const counts = [...instances.values()].map((instance) => instance.volumes.length);
    const keys = [...volumes.values()].flatMap(({ key }) => key ?? []);

    expect([instances.size, volumes.size]).toEqual([12, 30]);
    expect(Math.max(...counts)).toBe(4);
    expect([keys.length, new Set(keys).size]).toEqual([10, 2]);
    expect(new Set([...instances.values()].map(({ subnet }) => subnet)).size).toBe(6);
    expect(new Set([...ec2Of(world, primary).subnets.values()].map(({ zone }) => zone)).size).toBe(3);
  }));

test("every server answers, those of the second wave through one of the first", () =>
  inventoryOf(shop, ({ world }) => {
    const [app, web] = [instancesOf(world, primary, "app"), instancesOf(world, primary, "web")];
    expect([...app, ...web].every(({ privateAddress }) => serves(world, primary, privateAddress))).toBe(true);

    app[0]!.state = "stopped";

    expect(web.map(({ privateAddress }) => serves(world, primary, privateAddress))).toEqual([
      false,
      ...[true, true, true, true, true],
    ]);
  }));

test("a recovery subnet has the range of the primary subnet at its position, so that addresses can be kept", () =>
  inventoryOf(shop, ({ world }) => {
    const ranges = (region: string) =>
      [...ec2Of(world, region).subnets.values()].map(({ cidr, zone }) => [cidr, zone.at(-1)]);

    expect(ranges(recovery)).toEqual(ranges(primary));
    expect(ec2Of(world, recovery).subnets.get("subnet-web-b")?.zone).toBe("eu-central-1b");
  }));

test("a resource with one Elastic IP is one server with one volume; the IP is what the recovery record names", () =>
  inventoryOf(
    aPlan({ protect: [aResource({ launch: { ...aResource().launch, elasticIps: ["eipalloc-1"] } })] }),
    ({ world }) => {
      const [server, ...others] = ec2Of(world, primary).instances.values();

      expect(others).toEqual([]);
      expect(server!.volumes.length).toBe(1);
      expect(ec2Of(world, recovery).addresses.get("eipalloc-1")?.publicAddress).toBe("198.51.100.10");
    },
  ));

test("explicit addresses name the servers, and lie in the subnets of both Regions", () =>
  inventoryOf(
    aPlan({
      protect: [
        aResource({
          launch: { ...aResource().launch, address: { blue: "10.1.2.3", green: "10.1.2.4", red: "10.1.9.3" } },
        }),
      ],
    }),
    ({ world }) => {
      const servers = [...ec2Of(world, primary).instances.values()];

      expect(servers.map(({ privateAddress }) => privateAddress)).toEqual(["10.1.2.3", "10.1.2.4", "10.1.9.3"]);
      expect([...ec2Of(world, recovery).subnets.values()].map(({ cidr }) => cidr)).toEqual([
        "10.1.2.0/24",
        "10.1.9.0/24",
      ]);
    },
  ));

test("what the plan names exists: keys, groups, profiles, drill subnets, excluded devices", () => {
  const resource = aResource({
    encryptKey: "alias/dr",
    exclude: { volumes: ["/dev/sdz"] },
    launch: {
      ...aResource().launch,
      instanceProfile: "web",
      instanceTypes: ["m7g.large"],
      drillSubnets: { "eu-central-1a": ["subnet-drill"] },
      overrides: { "web-1": { subnet: "subnet-a", address: "10.7.7.7", securityGroups: ["sg-special"] } },
    },
  });
  return inventoryOf(aPlan({ protect: [resource] }), ({ world }) => {
    const { subnets, securityGroups } = ec2Of(world, recovery);
    const servers = [...ec2Of(world, primary).instances.values()];

    expect(findKey(world, recovery, "alias/dr")?.enabled).toBe(true);
    expect([...securityGroups.keys()]).toEqual(["sg-1", "sg-special"]);
    expect(profilesOf(world)).toContain("web");
    expect(subnets.get("subnet-a")?.cidr).toBe("10.7.7.0/24");
    expect(subnets.get("subnet-drill")?.cidr).toBe("10.0.1.0/24");
    expect(servers.every(({ architecture }) => architecture === "arm64")).toBe(true);
    expect(servers.every(({ volumes }) => volumes.some(({ device }) => device === "/dev/sdz"))).toBe(true);
  });
});

test("an inventory of a scenario replaces the servers; unknown keys are refused", async () => {
  const inventory = {
    servers: {
      web: [{ name: "old", type: "c5.xlarge", platform: "Windows", tags: { "aws:autoscaling:groupName": "g" } }],
    },
  };
  await inventoryOf(
    aPlan(),
    ({ world }) => {
      const [server, ...others] = ec2Of(world, primary).instances.values();

      expect(others).toEqual([]);
      expect(server).toMatchObject({ type: "c5.xlarge", platform: "Windows" });
      expect(server!.tags).toContainEqual({ Key: "aws:autoscaling:groupName", Value: "g" });
    },
    inventory,
  );
  await expect(inventoryOf(aPlan(), () => undefined, { server: {} })).rejects.toThrow();
});

test("each Elastic IP has an address of its own: what public records name first, and never a private one", () => {
  const plan = withElasticIps(tiersPlan(), ["eipalloc-0a", "eipalloc-0b", "eipalloc-0c"]);
  return inventoryOf(plan, ({ world }) => {
    populateAddresses(world, { ...withElasticIps(plan, ["eipalloc-0d", "eipalloc-0e"]), traffic: null });

    const given = [...ec2Of(world, recovery).addresses.values()].map(({ publicAddress }) => publicAddress);
    expect(given[0]).toBe("198.51.100.30");
    expect(new Set(given).size).toBe(5);
    expect(given).not.toContain("10.1.0.40");
  });
});

const withElasticIps = (plan: Plan, elasticIps: string[]): Plan => ({
  ...plan,
  protect: plan.protect.map((one) => ({ ...one, launch: { ...one.launch, elasticIps } })),
});
