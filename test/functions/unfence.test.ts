import { AutoScalingClient, ResumeProcessesCommand } from "@aws-sdk/client-auto-scaling";
import {
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  type InstanceStateName,
  ReplaceNetworkAclAssociationCommand,
  StartInstancesCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FenceRecord } from "../../functions/core/fence/undo-log.ts";
import type { Row } from "../../functions/core/model/row.ts";
import { unfence } from "../../functions/unfence.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { regionsOf } from "../support/regions.ts";

const ec2 = mockClient(EC2Client);
const scaling = mockClient(AutoScalingClient);
const run = aRun();
const lease = { value: { generation: 1 } };
const input = { run, lease };
const by = { by: run.name, at: "2026-03-02T11:59:00.000Z" };
const stoppedServers = (...stopped: string[]): FenceRecord[] =>
  stopped.map((id) => ({ kind: "server", id, stopped: true, ...by }));
const aScene = async (records: FenceRecord[] = [], over: Partial<Row> = {}) => {
  const context = await withTable(aContext(), {
    plan: aPlan(),
    row: aRow({
      phase: "running",
      run: { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} },
      ...over,
    }),
  });
  await context.store.saveFenceRecords("shop", run.source, records);
  return context;
};
const showing = (states: Record<string, InstanceStateName>) => ({
  Reservations: [{ Instances: Object.entries(states).map(([id, Name]) => ({ InstanceId: id, State: { Name } })) }],
});

const starting = (...ids: string[]) => ({
  StartingInstances: ids.map((InstanceId) => ({ InstanceId, CurrentState: { Name: "pending" as const } })),
});
const failing = (name: string, status = 400) =>
  Object.assign(new Error("no"), { name, $metadata: { httpStatusCode: status } });
const noRoom = failing("InsufficientInstanceCapacity", 500);

beforeEach(() => {
  ec2.reset();
  ec2.on(StartInstancesCommand).callsFake(({ InstanceIds }) => starting(...InstanceIds));
});
afterEach(async () => {
  expect([[], ["eu-west-1"]]).toContainEqual(await regionsOf(ec2, scaling));
});

describe("unfence", () => {
  it("unfence starts what the fence stopped, leaves alone what runs or is gone, and polls until it runs", async () => {
    const context = await aScene(stoppedServers("i-1", "i-2", "i-3"));
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopped", "i-2": "running", "i-3": "terminated" }));

    const first = await unfence(input, context);

    const gone = { server: "i-3", state: "terminated", problem: null };
    expect(first).toEqual({
      done: false,
      polls: 1,
      waitSeconds: 5,
      started: ["i-2"],
      left: [{ server: "i-1", state: "pending", problem: null }, gone],
      held: [],
      because: "1 of 3 stopped servers are running again; not yet restored: i-1 (pending), i-3 (terminated)",
      since: "2026-03-02T12:00:00.000Z",
    });
    expect(ec2).toHaveReceivedCommandTimes(StartInstancesCommand, 1);
    expect(ec2).toHaveReceivedCommandWith(StartInstancesCommand, { InstanceIds: ["i-1"] });

    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "running", "i-2": "running", "i-3": "terminated" }));
    const second = await unfence({ ...input, unfence: { value: first } }, context);

    expect(second).toMatchObject({ done: true, polls: 2, started: ["i-1", "i-2"], left: [gone] });
    expect(ec2).toHaveReceivedCommandTimes(StartInstancesCommand, 1);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([
      { state: "Unfence", outcome: "StillStopped", startedAt: first.since, detail: { started: ["i-1", "i-2"] } },
    ]);
  });

  it("unfence starts nothing once the application has moved", async () => {
    const result = await unfence(input, await aScene(stoppedServers("i-1"), { active: "eu-central-1" }));

    const because = "shop is active in eu-central-1: the fence stays";
    expect(result).toMatchObject({ done: true, started: [], left: [], because });
    expect(ec2).not.toHaveReceivedCommand(StartInstancesCommand);
  });

  it("unfence starts nothing when the fence stopped nothing", async () => {
    const because = "the fence stopped no server";
    expect(await unfence(input, await aScene())).toMatchObject({ done: true, started: [], because });
  });

  it("unfence comes again for a server that is still stopping, after it has started the others", async () => {
    const context = await aScene(stoppedServers("i-1", "i-2"));
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopped", "i-2": "stopping" }));

    const { done, left } = await unfence(input, context);

    expect(done).toBe(false);
    expect(left.map(({ state }) => state)).toEqual(["pending", "stopping"]);
    expect(ec2).toHaveReceivedCommandWith(StartInstancesCommand, { InstanceIds: ["i-1"] });
  });

  it.each([
    ["that may not be started", failing("OperationNotPermitted")],
    ["that the zone has no room for", noRoom],
  ])("unfence asks each server by itself when there is one %s", async (_case, error) => {
    const context = await aScene(stoppedServers("i-1", "i-2"));
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopped", "i-2": "stopped" }));
    ec2
      .on(StartInstancesCommand)
      .rejects(error)
      .on(StartInstancesCommand, { InstanceIds: ["i-2"] })
      .resolves(starting("i-2"));

    const { done, left } = await unfence(input, context);

    expect(done).toBe(false);
    expect(left).toMatchObject([
      { server: "i-1", state: "stopped", problem: { code: error.name } },
      { server: "i-2", state: "pending", problem: null },
    ]);
  });

  it("unfence ends when all that is left was refused for good more than once, and names it", async () => {
    const context = await aScene(stoppedServers("i-1"));
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopped" }));
    ec2.on(StartInstancesCommand).rejects(failing("UnauthorizedOperation"));
    const since = "2026-03-02T11:59:50.000Z";

    const result = await unfence({ ...input, unfence: { value: { polls: 2, since } } }, context);

    expect(result).toMatchObject({ done: true, polls: 3, since, started: [] });
    expect(result.because).toContain("not restored: i-1 (stopped, UnauthorizedOperation)");
  });

  it("unfence takes the silence of the source for a reason to come again, and asks it blindly to start them", async () => {
    const context = await aScene(stoppedServers("i-1"));
    ec2.on(DescribeInstancesCommand).rejects(failing("TimeoutError"));

    const blind = await unfence(input, context);
    ec2.on(StartInstancesCommand).rejects(failing("TimeoutError"));
    const silent = await unfence(input, context);

    expect(blind).toMatchObject({ done: false, left: [{ server: "i-1", state: "pending" }] });
    expect(silent).toMatchObject({ done: false, left: [{ server: "i-1", state: "unknown" }] });
  });

  describe("with a subnet that was closed and a group that was suspended", () => {
    const records: FenceRecord[] = [
      ...stoppedServers("i-1"),
      { kind: "subnet", id: "subnet-1", vpc: "vpc-1", formerAcl: "acl-1", ...by },
      { kind: "group", id: "web", processes: ["Launch"], ...by },
    ];
    const acl = (application: string) => ({
      NetworkAcls: [
        {
          NetworkAclId: "acl-2",
          VpcId: "vpc-1",
          Entries: [],
          Tags: [{ Key: "lifeboat:application", Value: application }],
          Associations: [{ SubnetId: "subnet-1", NetworkAclAssociationId: "assoc-1" }],
        },
      ],
    });
    const third = { ...input, unfence: { value: { polls: 2, since: "2026-03-02T11:59:50.000Z" } } };
    beforeEach(() => {
      scaling.reset();
      ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "running" }));
    });

    it("unfence puts the former ACL back, reads that back, and resumes just what was suspended", async () => {
      const context = await aScene(records);
      ec2.on(DescribeNetworkAclsCommand).resolvesOnce(acl("shop")).resolves({});
      ec2.on(ReplaceNetworkAclAssociationCommand).resolves({});
      scaling.on(ResumeProcessesCommand).resolves({});

      const first = await unfence(input, context);
      expect(first).toMatchObject({ done: false, held: ["subnet subnet-1", "Auto Scaling group web"] });
      expect(ec2).toHaveReceivedCommandWith(ReplaceNetworkAclAssociationCommand, {
        AssociationId: "assoc-1",
        NetworkAclId: "acl-1",
      });
      expect(scaling).not.toHaveReceivedCommand(ResumeProcessesCommand);

      expect(await unfence({ ...input, unfence: { value: first } }, context)).toMatchObject({ done: true, held: [] });
      expect(scaling).toHaveReceivedCommandWith(ResumeProcessesCommand, {
        AutoScalingGroupName: "web",
        ScalingProcesses: ["Launch"],
      });
      expect(await context.store.fenceRecords("shop", run.source)).toEqual([]);
    });

    it("unfence leaves a subnet alone that someone has given another ACL", async () => {
      ec2.on(DescribeNetworkAclsCommand).resolvesOnce(acl("blog")).resolves({});
      scaling.on(ResumeProcessesCommand).resolves({});

      expect(await unfence(input, await aScene(records))).toMatchObject({ done: true, held: [] });
      expect(ec2).not.toHaveReceivedCommand(ReplaceNetworkAclAssociationCommand);
    });

    it("unfence gives up an ACL and a group that are refused for good, and remembers them", async () => {
      const context = await aScene(records);
      ec2.on(DescribeNetworkAclsCommand).rejects(failing("UnauthorizedOperation"));

      expect(await unfence(third, context)).toMatchObject({
        done: true,
        because: expect.stringContaining("subnet subnet-1 (UnauthorizedOperation), Auto Scaling group web (suspended)"),
      });
      expect(await context.store.fenceRecords("shop", run.source)).toHaveLength(2);

      ec2.on(DescribeNetworkAclsCommand).resolves({});
      scaling.on(ResumeProcessesCommand).rejects(failing("ValidationError"));
      expect(await unfence(third, context)).toMatchObject({ done: true, held: ["Auto Scaling group web"] });
      expect(scaling).toHaveReceivedCommandTimes(ResumeProcessesCommand, 1);
      expect(await context.store.fenceRecords("shop", run.source)).toMatchObject([{ kind: "group" }]);
    });
  });

  it("unfence starts nothing when its run no longer holds the lease", async () => {
    await expect(unfence(input, await aScene(stoppedServers("i-1"), { run: null }))).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
  });
});
