import { describe, expect, it } from "vitest";
import { checkIsolation } from "../../../functions/kinds/instances/isolation.ts";
import { addNetworkInterface } from "../../../simulator/ec2/network.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { aManifest, aPlan, aResource, aServer } from "../../support/builders.ts";
import { type FenceScene, fenceScene, servers } from "../../support/fence-scene.ts";

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
  it("is no question where nobody else is in them", () =>
    fenceScene({ inventory: stores }, async (scene) => {
      expect(await checkIsolation(scene.context, scene.run, [aResource()], candidatesOf(scene))).toEqual({
        problems: [],
        warnings: [],
      });
    }));

  it("is told before a launch, in the sentence of the fence", () =>
    fenceScene({ inventory: stores }, async (scene) => {
      const { id, subnet } = stranger(scene);
      await scene.advance(60);
      const candidates = candidatesOf(scene);

      expect((await checkIsolation(scene.context, scene.run, [aResource()], candidates)).problems).toEqual([
        `${candidates[0]!.ref.server} would lose its instance-store data when stopped, and its subnet ${subnet} cannot be closed: ${id} is in it, too`,
      ]);
    }));

  it("does not take a server of the plan that no point has for somebody else's", () =>
    fenceScene({ inventory: servers({ type: "c5d.large" }, { type: "m5.large" }, {}, {}) }, async (scene) => {
      const [first] = candidatesOf(scene);

      expect((await checkIsolation(scene.context, scene.run, [aResource()], [first!])).problems).toEqual([]);
    }));

  it("asks nobody where no server has such data, and only warns where the source is silent", () => {
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
