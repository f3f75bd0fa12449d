import { describe, expect, it } from "vitest";
import { checkIsolation } from "../../../../functions/kinds/instances/readiness/isolation.ts";
import { addNetworkInterface } from "../../../../simulator/ec2/network.ts";
import { ec2Of } from "../../../../simulator/ec2/state.ts";
import type { Fault } from "../../../../simulator/scenario/fault.ts";
import { aManifest, aPlan, aResource, aServer } from "../../../support/builders.ts";
import { type FenceScene, fenceScene, servers } from "../../../support/fence-scene.ts";

const { primary } = aPlan().regions;
const stores = servers({ type: "c5d.large" }, { type: "m5.large" });

const candidatesOf = ({ world }: FenceScene) =>
  [...ec2Of(world, primary).instances.values()].map(({ id: server }, nth) => ({
    ref: aServer({ server, point: "p" }),
    resource: aResource(),
    manifest: aManifest({ server, point: "p", instanceStoreVolumes: nth === 0 ? 1 : 0 }),
  }));
const stranger = ({ world }: FenceScene) => {
  const [first] = ec2Of(world, primary).instances.values();
  const one = { subnet: first!.subnet, privateAddress: "10.0.0.99", instance: null, securityGroups: [] };
  return addNetworkInterface(world, primary, one);
};

describe("whether the fence could close the subnets of what it may not stop", () => {
  it("preflight accepts an isolation of subnets in which nothing else is", () =>
    fenceScene({ inventory: stores }, async (scene) => {
      expect(await checkIsolation(scene.context, scene.run, [aResource()], candidatesOf(scene))).toEqual({
        problems: [],
        warnings: [],
      });
    }));

  it("preflight reports a subnet that the fence could not isolate, in the fence's own sentence", () =>
    fenceScene({ inventory: stores }, async (scene) => {
      const { id, subnet } = stranger(scene);
      await scene.advance(60);
      const candidates = candidatesOf(scene);

      expect((await checkIsolation(scene.context, scene.run, [aResource()], candidates)).problems).toEqual([
        `${candidates[0]!.ref.server} would lose its instance-store data when stopped, and its subnet ${subnet} cannot be isolated: ${id} also uses it`,
      ]);
    }));

  it("preflight does not take a selected server without a recovery point for somebody else's", () =>
    fenceScene({ inventory: servers({ type: "c5d.large" }, { type: "m5.large" }, {}, {}) }, async (scene) => {
      const [first] = candidatesOf(scene);

      expect((await checkIsolation(scene.context, scene.run, [aResource()], [first!])).problems).toEqual([]);
    }));

  it("preflight only warns where the source is silent, and not at all where no server has instance-store data", () => {
    const dark = [{ fault: "region-down", region: primary, from: 0, until: Number.POSITIVE_INFINITY }] as Fault[];
    return fenceScene({ inventory: stores, faults: dark }, async (scene) => {
      const [first, second] = candidatesOf(scene);

      expect(await checkIsolation(scene.context, scene.run, [aResource()], [second!])).toEqual({
        problems: [],
        warnings: [],
      });
      expect(await checkIsolation(scene.context, scene.run, [aResource()], [first!])).toMatchObject({
        problems: [],
        warnings: [expect.stringContaining("could not be checked")],
      });
    });
  });
});

describe("whether EC2 would stop the servers", () => {
  const kept = servers({}, { stopProtected: true }, { spot: "one-time" }, {});
  const plain = (scene: FenceScene) =>
    candidatesOf(scene).map((one) => ({ ...one, manifest: { ...one.manifest, instanceStoreVolumes: 0 } }));
  const check = (scene: FenceScene) => checkIsolation(scene.context, scene.run, [aResource()], plain(scene));

  it("preflight reports the servers that will be isolated because EC2 would not stop them", () =>
    fenceScene({ inventory: kept }, async (scene) => {
      const [, second, third] = plain(scene).map(({ ref }) => ref.server);

      expect(await check(scene)).toEqual({
        problems: [],
        warnings: [
          `${second} is protected against stopping: the fence closes its subnets instead`,
          `${third} is a Spot Instance, which EC2 stops only if its request is persistent: the fence closes its subnets instead`,
        ],
      });
    }));

  it("preflight refuses where the subnet of such a server holds something else, and names the command", () =>
    fenceScene({ inventory: kept }, async (scene) => {
      const [, second] = [...ec2Of(scene.world, primary).instances.values()];
      const one = { subnet: second!.subnet, privateAddress: "10.0.0.99", instance: null, securityGroups: [] };
      const { id } = addNetworkInterface(scene.world, primary, one);
      await scene.advance(60);

      expect((await check(scene)).problems).toEqual([
        `${second!.id} is protected against stopping, and its subnet ${second!.subnet} cannot be isolated: ${id} also uses it. ` +
          `Run aws ec2 modify-instance-attribute --region ${primary} --instance-id ${second!.id} --no-disable-api-stop.`,
      ]);
    }));

  describe("and one of them has lost the tags of the plan, so that the roles may not ask of it", () => {
    /** The one without tags is asked first. */
    const once = { operation: "DescribeInstanceAttribute", count: 1, from: 0, until: Number.POSITIVE_INFINITY };
    const denied = [{ fault: "api-error", error: "UnauthorizedOperation", ...once }] as Fault[];
    const lost = async (scene: FenceScene) => {
      const [first, second] = [...ec2Of(scene.world, primary).instances.values()];
      second!.tags = second!.tags.filter(({ Key }) => Key !== "App");
      await scene.advance(60);
      return [first!, second!] as const;
    };
    const why = "no longer has the tags of the plan, and the fence may not stop it";

    it("preflight reports the server that has lost its tags, and checks the others", () =>
      fenceScene({ inventory: servers({ stopProtected: true }, {}), faults: denied }, async (scene) => {
        const [first, second] = await lost(scene);
        expect(await check(scene)).toEqual({
          problems: [],
          warnings: [
            `${first.id} is protected against stopping: the fence closes its subnets instead`,
            `${second.id} ${why}: the fence closes its subnets instead; tag it again`,
          ],
        });
      }));

    it("preflight refuses where the subnet of the server without tags cannot be isolated either", () =>
      fenceScene({ inventory: servers({}, {}), faults: denied }, async (scene) => {
        const { subnet } = [...ec2Of(scene.world, primary).instances.values()][1]!;
        const one = { subnet, privateAddress: "10.0.0.99", instance: null, securityGroups: [] };
        const { id } = addNetworkInterface(scene.world, primary, one);
        const [, second] = await lost(scene);
        expect((await check(scene)).problems).toEqual([
          `${second.id} ${why}, and its subnet ${subnet} cannot be isolated: ${id} also uses it. Tag it again.`,
        ]);
      }));

    it("preflight takes a denial for a server with tags as unknown", () =>
      fenceScene({ inventory: servers({}, { stopProtected: true }), faults: denied }, async (scene) => {
        const [first, second] = plain(scene).map(({ ref }) => ref.server);
        expect(await check(scene)).toEqual({
          problems: [],
          warnings: [
            `${second} is protected against stopping: the fence closes its subnets instead`,
            `whether ${first} may be stopped could not be checked (UnauthorizedOperation)`,
          ],
        });
      }));

    it("preflight warns where the caller has a permission that the roles lack", () =>
      fenceScene({ inventory: servers({}, {}) }, async (scene) => {
        const [, second] = await lost(scene);
        expect(await check(scene)).toEqual({ problems: [], warnings: [`${second.id} ${why}; tag it again`] });
      }));
  });

  it("preflight checks at most fifty servers, and reports the rest", () =>
    fenceScene({ inventory: servers(...Array.from({ length: 52 }, () => ({}))) }, async (scene) => {
      expect(await check(scene)).toEqual({
        problems: [],
        warnings: ["whether 2 more servers are protected against stopping was not asked"],
      });
    }));

  it("preflight waits at most a second for these checks", () => {
    const dark = [{ fault: "region-down", region: primary, from: 0, until: Number.POSITIVE_INFINITY }] as Fault[];
    return fenceScene({ inventory: kept, faults: dark }, async (scene) => {
      const from = scene.world.now();
      expect(await check(scene)).toEqual({ problems: [], warnings: [] });
      expect(scene.world.now() - from).toBeLessThanOrEqual(1_000);
    });
  });
});
