import {
  DescribeInstancesCommand,
  EC2Client,
  type InstanceStateName,
  StartInstancesCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import type { Row } from "../../functions/core/row.ts";
import { unfence } from "../../functions/unfence.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const run = aRun();
const lease = { value: { generation: 1 } };
const fenced = (...stopped: string[]) => ({ run, lease, fence: { value: { stopped } } });
const aScene = (over: Partial<Row> = {}) =>
  withTable(aContext(), {
    plan: aPlan(),
    row: aRow({
      phase: "running",
      run: { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} },
      ...over,
    }),
  });
const showing = (states: Record<string, InstanceStateName>) => ({
  Reservations: [{ Instances: Object.entries(states).map(([id, Name]) => ({ InstanceId: id, State: { Name } })) }],
});

beforeEach(() => {
  ec2.reset();
  ec2.on(StartInstancesCommand).resolves({});
});

describe("unfence", () => {
  it("starts what the fence stopped and leaves alone what runs or is gone", async () => {
    const context = await aScene();
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopped", "i-2": "running", "i-3": "terminated" }));

    const result = await unfence(fenced("i-1", "i-2", "i-3"), context);

    expect(result).toEqual({
      started: ["i-1", "i-2"],
      because: "2 of the 3 servers that the fence stopped are started again",
    });
    expect(ec2).toHaveReceivedCommandTimes(StartInstancesCommand, 1);
    expect(ec2).toHaveReceivedCommandWith(StartInstancesCommand, { InstanceIds: ["i-1"] });
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ state: "Unfence", outcome: "Unfenced" }]);
  });

  it("starts nothing once the application has moved", async () => {
    const result = await unfence(fenced("i-1"), await aScene({ active: "eu-central-1" }));

    expect(result).toEqual({ started: [], because: "shop is active in eu-central-1: the fence stays" });
    expect(ec2).not.toHaveReceivedCommand(StartInstancesCommand);
  });

  it("starts nothing when the fence stopped nothing", async () => {
    expect(await unfence(fenced(), await aScene())).toEqual({ started: [], because: "the fence stopped no server" });
  });

  it("comes again for a server that is still stopping, after it has started the others", async () => {
    const context = await aScene();
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopped", "i-2": "stopping" }));

    await expect(unfence(fenced("i-1", "i-2"), context)).rejects.toMatchObject({ name: "TransientError" });

    expect(ec2).toHaveReceivedCommandWith(StartInstancesCommand, { InstanceIds: ["i-1"] });
  });

  it("knows from the ledger what a fence stopped that then refused", async () => {
    const context = await aScene();
    const times = { startedAt: "", endedAt: "" };
    const detail = { stopped: ["i-1"] };
    await context.store.record("shop", { run: run.name, state: "Fence", subject: "", ...times, outcome: "x", detail });
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "stopped" }));

    expect((await unfence({ run, lease }, context)).started).toEqual(["i-1"]);
  });

  it("starts nothing when its run no longer holds the lease", async () => {
    await expect(unfence(fenced("i-1"), await aScene({ run: null }))).rejects.toMatchObject({
      name: "StaleLeaseError",
    });
  });
});
