import { describe, expect, it } from "vitest";
import { isIsolated } from "../../simulator/ec2/network-acls.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { dyingAfter, type FenceScene, fenceScene, servers } from "../support/fence-scene.ts";

const [primary, recovery] = ["eu-west-1", "eu-central-1"];
const moved = { phase: "failedOver", active: recovery, switch: 1, run: null } as const;
const usual = servers({}, {});
const callsSince = ({ world }: FenceScene, from: number) =>
  world.journal.slice(from).map(({ operation, region }) => `${operation} ${region}`);

describe("the guard of a Region that wakes after a failover", () => {
  it("stops what still runs there, and tells of each in the ledger; then it only looks", () =>
    fenceScene({ inventory: usual }, async (scene) => {
      await scene.setRow(moved);
      const ids = [...ec2Of(scene.world, primary).instances.keys()];

      expect(await scene.guard()).toMatchObject({ code: "Acted", changed: ids });
      expect(scene.states()).toEqual(["stopping", "stopping"]);
      expect(await scene.context.store.ledger("shop", `guard-${primary}`)).toHaveLength(2);
      expect(await scene.context.store.fenceRecords("shop", primary)).toMatchObject(
        [...ids].sort().map((id) => ({ kind: "server", id, stopped: true, by: "guard" })),
      );

      await scene.advance(300);
      const before = scene.world.journal.length;
      expect(await scene.guard()).toMatchObject({ code: "Quiet", changed: [] });
      expect(callsSince(scene, before)).toEqual([
        `BatchGetItem ${recovery}`,
        `GetItem ${recovery}`,
        `Query ${recovery}`,
        `DescribeInstances ${primary}`,
        `DescribeInstances ${primary}`,
      ]);
    }));

  it("keeps a group from bringing them back", () =>
    fenceScene({ inventory: servers({ autoScaling: true }, { autoScaling: true }) }, async (scene) => {
      await scene.setRow(moved);
      await scene.guard();
      for (let minute = 0; minute < 10; minute++) {
        await scene.advance(60);
        await scene.guard();
      }

      expect(scene.changes()).toEqual(["SuspendProcesses", "StopInstances"]);
      expect(scene.states()).toEqual(["stopped", "stopped"]);
    }));

  it("isolates what stopping would cost its data, within two of its minutes, with one ACL", () =>
    fenceScene({ inventory: servers({ type: "c5d.large" }, {}) }, async (scene) => {
      await scene.setRow(moved);
      await scene.guard();
      await scene.advance(60);
      await scene.guard();

      const [kept] = [...ec2Of(scene.world, primary).instances.values()];
      expect(isIsolated(scene.world, primary, kept!)).toBe(true);
      expect(scene.states()).toEqual(["running", "stopped"]);
      await scene.advance(60);
      expect(await scene.guard()).toMatchObject({ code: "Quiet" });
      expect(scene.madeAcls()).toHaveLength(1);
    }));

  it("that dies in the middle goes on a minute later", () =>
    fenceScene({ inventory: usual }, async (scene) => {
      await scene.setRow(moved);
      await scene.guard(dyingAfter("BatchWriteItem"));
      expect(scene.states()).toEqual(["running", "running"]);
      await scene.advance(60);

      expect(await scene.guard()).toMatchObject({ code: "Acted" });
      expect(scene.states()).toEqual(["stopping", "stopping"]);
    }));
});

describe("the guard does nothing", () => {
  it.each([
    ["while the application is protected", { phase: "protected", active: primary }, "NotFailedOver"],
    ["during a run", { phase: "running", active: recovery }, "NotFailedOver"],
    ["while protection is turned round", { phase: "reprotecting", active: recovery }, "NotFailedOver"],
    ["where the application is active", { phase: "failedOver", active: primary }, "ActiveHere"],
  ] as const)("%s", (_case, row, code) =>
    fenceScene({ inventory: usual }, async (scene) => {
      await scene.setRow({ ...row, run: null });
      const before = scene.world.journal.length;

      expect(await scene.guard()).toMatchObject({ code });
      expect(callsSince(scene, before)).toEqual([`BatchGetItem ${recovery}`]);
    }),
  );

  it.each([
    ["is dark", { fault: "region-down", region: recovery }],
    ["throttles", { fault: "throttle", operation: "BatchGetItem", rate: 1 }],
    ["refuses", { fault: "api-error", operation: "BatchGetItem", error: "AccessDeniedException" }],
  ])("while the recovery Region %s", (_case, fault) => {
    const faults = [{ from: 60_000, until: Number.POSITIVE_INFINITY, ...fault }] as unknown as Fault[];
    return fenceScene({ inventory: usual, faults }, async (scene) => {
      await scene.setRow(moved);
      await scene.advance(61);

      expect(await scene.guard()).toMatchObject({ code: "Unclear", changed: [] });
      expect(scene.changes()).toEqual([]);
      expect(scene.states()).toEqual(["running", "running"]);
    });
  });

  it("when a run has begun between its look and its act", () =>
    fenceScene({ inventory: usual }, async (scene) => {
      await scene.setRow(moved);
      let looked = false;
      const result = await scene.guard(async ({ operation }, next) => {
        const reply = await next();
        if (operation === "DescribeInstances" && !looked) {
          looked = true;
          await scene.setRow({ ...moved, phase: "running" });
        }
        return reply;
      });

      expect(result).toMatchObject({ code: "Unclear", changed: [] });
      expect(scene.changes()).toEqual([]);
    }));

  it.each(["DescribeInstances", "StopInstances"])(
    "that it can prove when its own Region does not answer %s",
    (operation) => {
      const faults = [
        { from: 0, until: Number.POSITIVE_INFINITY, fault: "api-error", operation, error: "ServiceUnavailable" },
      ] as Fault[];
      return fenceScene({ inventory: usual, faults }, async (scene) => {
        await scene.setRow(moved);

        expect(await scene.guard()).toMatchObject({ code: "NotProven", changed: [] });
        expect(scene.states()).toEqual(["running", "running"]);
      });
    },
  );
});
