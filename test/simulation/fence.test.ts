import { describe, expect, it } from "vitest";
import { addNetworkInterface } from "../../simulator/ec2/network.ts";
import { isIsolated } from "../../simulator/ec2/network-acls.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { aManifest } from "../support/builders.ts";
import { dyingAfter, type FenceScene, fenceScene, servers } from "../support/fence-scene.ts";

const primary = "eu-west-1";
const ever = { from: 0, until: Number.POSITIVE_INFINITY };
const grouped = servers({ autoScaling: true }, { autoScaling: true });
const stores = servers({ type: "c5d.large" }, { type: "m5.large" });
const instancesOf = ({ world }: FenceScene) => [...ec2Of(world, primary).instances.values()];
const suspendedOf = async ({ context, run }: FenceScene) =>
  (await context.store.fenceRecords("shop", run.source)).filter(({ kind }) => kind === "group");
describe("a fence around an Auto Scaling group", () => {
  it("without which the group replaces what is stopped", () =>
    fenceScene({ inventory: grouped }, async (scene) => {
      for (const instance of instancesOf(scene))
        instance.tags = instance.tags.filter(({ Key }) => !Key?.startsWith("aws:"));
      await scene.fence();
      await scene.advance(300);

      expect(scene.states().filter((state) => state === "running")).toHaveLength(2);
    }));

  it("suspends it first, so that nothing comes up; unfence starts the servers and resumes just that", () =>
    fenceScene({ inventory: grouped }, async (scene) => {
      const result = await scene.fenced();
      await scene.advance(600);

      expect(scene.changes()).toEqual(["SuspendProcesses", "StopInstances"]);
      expect(result).toMatchObject({ fenced: true, suspended: [{ group: "web-group" }] });
      expect(scene.states()).toEqual(["stopped", "stopped"]);

      let unfenced = await scene.unfence();
      expect(unfenced).toMatchObject({ done: false, held: ["Auto Scaling group web-group"] });
      for (let polls = 0; polls < 30 && !unfenced.done; polls++) {
        await scene.advance(5);
        unfenced = await scene.unfence();
      }
      await scene.advance(600);

      expect(unfenced).toMatchObject({ done: true, left: [], held: [] });
      expect(scene.changes().slice(2)).toEqual(["StartInstances", "ResumeProcesses"]);
      expect(scene.states()).toEqual(["running", "running"]);
      expect(await scene.context.store.fenceRecords("shop", primary)).toEqual([]);
    }));

  it("stops what it launched before it was suspended, too", () =>
    fenceScene({ inventory: grouped }, async (scene) => {
      const [first] = instancesOf(scene);
      first!.state = "stopped";
      await scene.advance(61);
      expect(scene.states()).toContain("pending");

      const result = await scene.fenced();
      await scene.advance(600);

      expect(result.fenced).toBe(true);
      expect(scene.states()).not.toContain("running");
    }));

  it.each(["SuspendProcesses", "StopInstances"])("that dies after %s is fenced by its second try", (operation) =>
    fenceScene({ inventory: grouped }, async (scene) => {
      await scene.fence(dyingAfter(operation)).catch(() => undefined);
      const result = await scene.fenced();
      await scene.advance(600);

      expect(result).toMatchObject({ fenced: true, suspended: [{ group: "web-group" }] });
      expect(result.suspended[0]!.processes).toContain("Launch");
      expect(result.stopped).toHaveLength(2);
      expect(scene.states()).toEqual(["stopped", "stopped"]);
      expect(await suspendedOf(scene)).toHaveLength(1);
    }),
  );

  it("that Auto Scaling refuses for good stops nothing", () => {
    const faults = [{ ...ever, fault: "api-error", operation: "SuspendProcesses", error: "AccessDenied" }] as Fault[];
    return fenceScene({ inventory: grouped, faults }, async (scene) => {
      await expect(scene.fence()).rejects.toMatchObject({
        name: "RefusedError",
        message: "fence: Auto Scaling in eu-west-1 is not suspended and may replace stopped servers: web-group",
      });
      expect(scene.states()).toEqual(["running", "running"]);
    });
  });

  it.each([
    ["best-effort", "stopping"],
    ["required", "running"],
  ] as const)("whose Auto Scaling is silent: %s leaves the servers %s", (policy, state) => {
    const faults = [
      { ...ever, fault: "api-error", operation: "DescribeAutoScalingGroups", error: "ServiceUnavailable" },
    ] as Fault[];
    return fenceScene({ inventory: grouped, faults, recover: { fence: policy } }, async (scene) => {
      const ended = await scene.fenced().catch((error: Error) => error);

      expect(scene.states()).toEqual([state, state]);
      if (policy === "required") expect(ended).toMatchObject({ name: "RefusedError" });
      else expect(ended).toMatchObject({ fenced: false, sourceAnswered: true });
    });
  });
});

describe("a fence around servers with instance-store volumes", () => {
  it("closes their subnet instead of stopping them, and unfence opens it again", () =>
    fenceScene({ inventory: stores }, async (scene) => {
      const [kept] = instancesOf(scene);
      const result = await scene.fenced();

      expect(result).toMatchObject({ fenced: true, stopped: [instancesOf(scene)[1]!.id] });
      expect(result.because).toContain("1 server isolated by network ACL");
      expect(result.isolated).toEqual([{ subnet: kept!.subnet, formerAcl: expect.stringMatching(/^acl-/) }]);
      expect(scene.states()).toEqual(["running", "stopped"]);
      expect(isIsolated(scene.world, primary, kept!)).toBe(true);

      await scene.advance(300);
      let unfenced = await scene.unfence();
      for (let polls = 0; polls < 30 && !unfenced.done; polls++) {
        await scene.advance(5);
        unfenced = await scene.unfence();
      }

      expect(unfenced).toMatchObject({ done: true, held: [], left: [] });
      expect(isIsolated(scene.world, primary, kept!)).toBe(false);
      expect(scene.madeAcls()).toEqual([]);
      expect(scene.states()).toEqual(["running", "running"]);
    }));

  it("that is run again changes nothing more, and tells the same", () =>
    fenceScene({ inventory: stores }, async (scene) => {
      const first = await scene.fenced();
      const changes = scene.changes();
      await scene.advance(10);
      const second = await scene.fence();

      expect(second).toMatchObject({ fenced: true, stopped: first.stopped, isolated: first.isolated });
      expect(scene.changes()).toEqual(changes);
    }));

  it.each(["CreateNetworkAcl", "ReplaceNetworkAclAssociation"])(
    "that dies after %s leaves no second ACL behind",
    (operation) =>
      fenceScene({ inventory: stores }, async (scene) => {
        await scene.fence(dyingAfter(operation)).catch(() => undefined);
        const result = await scene.fenced();

        expect(result.fenced).toBe(true);
        expect(result.isolated).toHaveLength(1);
        expect(scene.madeAcls()).toHaveLength(1);
        expect(isIsolated(scene.world, primary, instancesOf(scene)[0]!)).toBe(true);
      }),
  );

  it.each(["CreateNetworkAcl", "ReplaceNetworkAclAssociation"])(
    "a lost reply to %s is found out by reading",
    (operation) => {
      const faults = [{ ...ever, fault: "lost-response", operation, rate: 1 }] as Fault[];
      return fenceScene({ inventory: stores, faults }, async (scene) => {
        const result = await scene.fenced();

        expect(scene.madeAcls()).toHaveLength(1);
        if (operation === "ReplaceNetworkAclAssociation") expect(result.fenced).toBe(true);
      });
    },
  );

  it.each(["best-effort", "required"] as const)(
    "refuses, and changes nothing, when something else is in the subnet (%s)",
    (policy) =>
      fenceScene({ inventory: stores, recover: { fence: policy } }, async (scene) => {
        const [kept] = instancesOf(scene);
        const stranger = addNetworkInterface(scene.world, primary, {
          subnet: kept!.subnet,
          privateAddress: "10.0.0.99",
          instance: null,
          securityGroups: [],
        });
        await scene.advance(60);

        await expect(scene.fence()).rejects.toMatchObject({
          name: "RefusedError",
          message: `fence: ${kept!.id} would lose its instance-store data when stopped, and its subnet ${kept!.subnet} cannot be isolated: ${stranger.id} also uses it`,
          hint: expect.stringContaining("by hand"),
        });
        expect(scene.states()).toEqual(["running", "running"]);
        expect(scene.changes()).toEqual([]);
      }),
  );

  it("does not stop them blindly when nobody lists them: the manifests know", () => {
    const faults = [
      { ...ever, fault: "api-error", operation: "DescribeInstances", error: "ServiceUnavailable" },
    ] as Fault[];
    return fenceScene({ inventory: stores, faults }, async (scene) => {
      const [kept, other] = instancesOf(scene);
      await scene.context.store.saveManifests(
        [kept!, other!].map(({ id }) =>
          aManifest({ server: id, point: "p", instanceStoreVolumes: id === kept!.id ? 1 : 0 }),
        ),
      );
      await scene.fence().catch(() => undefined);

      expect(scene.states()).toEqual(["running", "stopping"]);
    });
  });
});
