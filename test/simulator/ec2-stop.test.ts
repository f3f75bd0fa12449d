import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  EC2Client,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { isServing } from "../../simulator/ec2/serves.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { sourceServers } from "../support/ec2.ts";
import { servers } from "../support/fence-scene.ts";
import { simulated } from "../support/simulated.ts";

const primary = "eu-west-1";
const ever = { from: 0, until: Number.POSITIVE_INFINITY };
/** The usual servers, what stops them, and what it answered: the name of the error, or null. */
const scene = (
  inventory: unknown,
  faults: Fault[],
  body: (live: {
    states(): string[];
    serving(): boolean[];
    ids: string[];
    stop(ids: string[], Force?: boolean): Promise<string | null>;
    ec2: EC2Client;
    advance(seconds: number): Promise<void>;
  }) => Promise<void>,
) =>
  simulated({ inventory, faults }, async ({ world, clients, advance }) => {
    const ec2 = clients(EC2Client, primary);
    await body({
      ec2,
      advance,
      ids: sourceServers(world).map(({ id }) => id),
      states: () => sourceServers(world).map(({ state }) => state),
      serving: () => sourceServers(world).map((instance) => isServing(world, primary, instance)),
      stop: (InstanceIds, Force = false) =>
        ec2.send(new StopInstancesCommand({ InstanceIds, Force })).then(
          () => null,
          (error: Error) => error.name,
        ),
    });
  });
const usual = servers({}, {});

describe("StopInstances", () => {
  it("StopInstances leaves a server serving until it has shut down, within a minute", () =>
    scene(usual, [], async ({ stop, ids, states, serving, advance }) => {
      await stop([ids[0]!]);
      await advance(10);
      expect([states(), serving()]).toEqual([
        ["stopping", "running"],
        [true, true],
      ]);
      await advance(51);
      expect([states(), serving()]).toEqual([
        ["stopped", "running"],
        [false, true],
      ]);
    }));

  it("StopInstances of a server that hangs: it serves on in `stopping` until it is stopped by force", () => {
    const faults: Fault[] = [{ ...ever, fault: "slow-shutdown", by: 3_600 }];
    return scene(usual, faults, async ({ stop, ids, states, serving, advance }) => {
      await stop(ids);
      await advance(1_800);
      expect(await stop([ids[0]!])).toBeNull();
      expect(await stop([ids[1]!], true)).toBeNull();
      expect(states()).toEqual(["stopping", "stopping"]);
      await advance(61);
      expect([states(), serving()]).toEqual([
        ["stopping", "stopped"],
        [true, false],
      ]);
    });
  });

  it.each<[string, Parameters<typeof servers>[0], string | null]>([
    ["protected against it", { stopProtected: true }, "OperationNotPermitted"],
    ["a one-time Spot Instance", { spot: "one-time" }, "UnsupportedOperation"],
    ["a persistent Spot Instance", { spot: "persistent" }, null],
  ])("StopInstances with a server that is %s among its servers", (_case, spec, refusal) =>
    scene(servers({}, spec), [], async ({ stop, ids, states }) => {
      expect(await stop(ids)).toBe(refusal);
      expect(await stop(ids, true)).toBe(refusal);
      expect(states()).toEqual(refusal ? ["running", "running"] : ["stopping", "stopping"]);
      expect(await stop([ids[0]!])).toBeNull();
    }),
  );

  it("StopInstances refuses as many as the scenario protects, by the seed, and DescribeInstanceAttribute tells which", () =>
    scene(servers({}, {}, {}, {}, {}, {}), [{ ...ever, fault: "stop-protected", rate: 0.7 }], async (live) => {
      const told = [];
      for (const InstanceId of live.ids) {
        const asked = new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "disableApiStop" });
        told.push((await live.ec2.send(asked)).DisableApiStop?.Value);
      }
      const refused = [];
      for (const id of live.ids) refused.push((await live.stop([id])) === "OperationNotPermitted");
      expect(refused).toEqual(told);
      expect(new Set(told)).toEqual(new Set([true, false]));
    }));
});

it("shows a Spot Instance as one", () =>
  scene(servers({ spot: "one-time" }, {}), [], async ({ ec2 }) => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    const shown = Reservations.flatMap(({ Instances = [] }) => Instances);
    expect(shown.map(({ InstanceLifecycle }) => InstanceLifecycle)).toEqual(["spot", undefined]);
    expect(shown[0]!.SpotInstanceRequestId).toMatch(/^sir-/);
  }));

it("terminates no server in the zone of a protected one, and those of other zones, with an error", () =>
  scene(servers({}, { terminationProtected: true }, {}, {}), [], async ({ ec2, ids, states }) => {
    await expect(ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }))).rejects.toMatchObject({
      name: "OperationNotPermitted",
      message: `The instance '${ids[1]}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    });
    expect(states()).toEqual(["shutting-down", "running", "shutting-down", "running"]);
  }));
