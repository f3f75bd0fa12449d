import { describe, expect, it } from "vitest";
import { addNetworkInterface } from "../../simulator/ec2/network.ts";
import { isIsolated } from "../../simulator/ec2/network-acls.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { dyingAfter, type FenceScene, fenceScene, servers } from "../support/fence-scene.ts";

const primary = "eu-west-1";
const ever = { from: 0, until: Number.POSITIVE_INFINITY };
const instancesOf = ({ world }: FenceScene) => [...ec2Of(world, primary).instances.values()];

describe("a fence around servers that EC2 does not stop", () => {
  const cut = servers({}, { stopProtected: true }, {}, { spot: "one-time" });

  it("stops all others, and closes the subnets of those; unfence starts what was stopped, and opens again", () =>
    fenceScene({ inventory: cut }, async (scene) => {
      const ids = instancesOf(scene).map(({ id }) => id);
      const result = await scene.fenced();

      expect(result).toMatchObject({ fenced: true, stopped: [ids[0], ids[2]].sort() });
      expect(result.because).toBe("read back from eu-west-1: 2 servers stopped, 2 servers isolated by network ACL");
      expect(scene.states()).toEqual(["stopped", "running", "stopped", "running"]);
      for (const at of [1, 3]) expect(isIsolated(scene.world, primary, instancesOf(scene)[at]!)).toBe(true);

      let unfenced = await scene.unfence();
      for (let polls = 0; polls < 40 && !unfenced.done; polls++) {
        await scene.advance(5);
        unfenced = await scene.unfence();
      }
      expect(unfenced).toMatchObject({ done: true, started: [ids[0], ids[2]].sort(), left: [], held: [] });
      expect(scene.madeAcls()).toEqual([]);
      expect(scene.states()).toEqual(Array(4).fill("running"));
    }));

  it("asks no more for what is done, while the others shut down", () =>
    fenceScene({ inventory: cut }, async (scene) => {
      // the new ACL is not seen everywhere at once
      await scene.fence().catch(() => undefined);
      await scene.advance(6);
      await scene.fence();
      const changes = scene.changes();
      await scene.advance(3);
      expect(await scene.fence()).toMatchObject({ done: false });

      expect(scene.changes()).toEqual(changes);
    }));

  it.each(["StopInstances", "CreateNetworkAcl", "ReplaceNetworkAclAssociation"])(
    "that dies after %s is fenced by its second try",
    (operation) =>
      fenceScene({ inventory: cut }, async (scene) => {
        await scene.fence(dyingAfter(operation)).catch(() => undefined);
        const result = await scene.fenced();

        expect(result).toMatchObject({ fenced: true, isolated: [{}] });
        expect(scene.states()).toEqual(["stopped", "running", "stopped", "running"]);
        expect(scene.madeAcls()).toHaveLength(1);
      }),
  );

  it.each(["best-effort", "required"] as const)(
    "refuses when something else is in the subnet, names the server and the command (%s)",
    (policy) =>
      fenceScene({ inventory: cut, recover: { fence: policy } }, async (scene) => {
        const kept = instancesOf(scene)[1]!;
        const stranger = addNetworkInterface(scene.world, primary, {
          subnet: kept.subnet,
          privateAddress: "10.0.0.99",
          instance: null,
          securityGroups: [],
        });
        await scene.advance(60);

        await expect(scene.fenced()).rejects.toMatchObject({
          name: "RefusedError",
          message: expect.stringContaining(
            `${kept.id} may not be stopped (OperationNotPermitted), and its subnet ${kept.subnet} cannot be isolated: ${stranger.id} also uses it`,
          ),
          hint: expect.stringContaining(
            `Run aws ec2 modify-instance-attribute --region eu-west-1 --instance-id ${kept.id} --no-disable-api-stop.`,
          ),
        });
      }),
  );
});

describe("a fence around servers that hang as they stop", () => {
  const faults = [{ ...ever, fault: "slow-shutdown", by: 3_600 }] as Fault[];
  const forced = ({ world }: FenceScene) =>
    world.journal.filter(({ operation, input }) => operation === "StopInstances" && input.Force);

  it.each(["best-effort", "required"] as const)("stops them by force after two minutes (%s)", (policy) =>
    fenceScene({ inventory: servers({}, {}), faults, recover: { fence: policy } }, async (scene) => {
      for (const { subnet } of instancesOf(scene)) {
        const stranger = { subnet, privateAddress: "10.0.0.99", instance: null, securityGroups: [] };
        addNetworkInterface(scene.world, primary, stranger);
      }
      await scene.advance(60);
      const from = scene.world.now();
      const result = await scene.fenced();

      expect(result).toMatchObject({ fenced: true, isolated: [] });
      expect(forced(scene).length).toBeGreaterThan(0);
      expect(scene.states()).toEqual(["stopped", "stopped"]);
      expect((scene.world.now() - from) / 1_000).toBeGreaterThan(120);
      expect((scene.world.now() - from) / 1_000).toBeLessThan(200);
    }),
  );

  it("needs no longer than that where their subnets can be closed", () =>
    fenceScene({ inventory: servers({}, {}), faults }, async (scene) => {
      const result = await scene.fenced();

      expect(result).toMatchObject({ fenced: true, isolated: [{}, {}] });
      expect(result.because).toBe("read back from eu-west-1: 2 servers isolated by network ACL");
      expect(scene.states()).toEqual(["stopping", "stopping"]);
    }));

  it("is ended by the guard, too", () =>
    fenceScene({ inventory: servers({}, {}), faults }, async (scene) => {
      await scene.setRow({ phase: "failedOver", active: "eu-central-1", switch: 1, run: null });
      for (let minute = 0; minute < 4; minute++) {
        await scene.guard();
        await scene.advance(60);
      }

      expect(forced(scene).length).toBeGreaterThan(0);
      expect(scene.states()).toEqual(["stopped", "stopped"]);
    }));
});
