import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fence } from "../../functions/fence.ts";
import { aPlan, aResource, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { aFenceScene, held, input, late, refusal, run, showing, silence, stopping } from "../support/fence-mocks.ts";
import { withTable } from "../support/memory-table.ts";
import { regionsOf } from "../support/regions.ts";

const ec2 = mockClient(EC2Client);
beforeEach(() => {
  ec2.reset();
  ec2.on(DescribeInstancesCommand).resolves({});
});
// a stop in the wrong Region would be the end of what serves
afterEach(async () => {
  expect([[], ["eu-west-1"]]).toContainEqual(await regionsOf(ec2));
});

describe("fence", () => {
  it("fence stops the servers that run, by one request, and reads it back", async () => {
    const context = await aFenceScene();
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce(showing({ "i-1": "running", "i-2": "stopped" }))
      .resolvesOnce(showing({}))
      .resolves(showing({ "i-1": "stopped" }));
    ec2.on(StopInstancesCommand).resolves(stopping("i-1"));

    const result = await fence(input, context);

    expect(result).toEqual({
      done: true,
      polls: 1,
      waitSeconds: 3,
      since: "2026-03-02T12:00:00.000Z",
      fenced: true,
      at: "2026-03-02T12:00:00.000Z",
      sourceAnswered: true,
      servers: [
        { server: "i-1", state: "stopped" },
        { server: "i-2", state: "stopped" },
      ],
      stopped: ["i-1"],
      suspended: [],
      isolated: [],
      because: "read back from eu-west-1: 2 servers stopped",
    });
    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 1);
    expect(ec2).toHaveReceivedCommandWith(StopInstancesCommand, { InstanceIds: ["i-1"] });
    const [entry] = await context.store.ledger("shop", run.name);
    expect(entry).toMatchObject({ state: "Fence", subject: "", outcome: "Fenced", detail: { stopped: ["i-1"] } });
  });

  it("fence stops a server that the plan selects though no point has it", async () => {
    const context = await aFenceScene();
    ec2
      .on(DescribeInstancesCommand, { Filters: [{ Name: "instance-id", Values: ["i-1", "i-2"] }] })
      .resolves(showing({ "i-1": "stopped", "i-2": "stopped" }))
      .on(DescribeInstancesCommand, {
        Filters: [
          { Name: "tag:App", Values: ["shop"] },
          { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
        ],
      })
      .resolves(showing({ "i-3": "running" }))
      .on(DescribeInstancesCommand, { Filters: [{ Name: "instance-id", Values: ["i-3"] }] })
      .resolves(showing({ "i-3": "stopping" }));
    ec2.on(StopInstancesCommand).resolves(stopping("i-3"));

    const result = await fence(input, context);

    expect(result).toMatchObject({ done: false, fenced: false, stopped: ["i-3"] });
    expect(result.because).toBe("servers are still shutting down and may take writes: i-3 (stopping)");
  });

  it("fence believes the reply to StopInstances while the listing lags behind it", async () => {
    const context = await aFenceScene();
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "running", "i-2": "running" }));
    ec2.on(StopInstancesCommand).resolves(stopping("i-1", "i-2"));

    const { done, servers } = await fence(input, context);

    expect(done).toBe(false);
    expect(servers.map(({ state }) => state)).toEqual(["stopping", "stopping"]);
  });

  it("fence goes on without the fence when the source is silent and the plan says best-effort", async () => {
    const context = await aFenceScene();
    ec2.on(DescribeInstancesCommand).rejects(silence).on(StopInstancesCommand).rejects(silence);

    const result = await fence(input, context);

    expect(result).toMatchObject({ fenced: false, sourceAnswered: false, stopped: [] });
    expect(result.because).toContain("eu-west-1 is unreachable");
    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 1);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 2);
  });

  it("fence takes a refusal as an answer: the source may still take writes, so not even best-effort continues", async () => {
    const context = await aFenceScene();
    const denied = Object.assign(new Error("no"), { name: "UnauthorizedOperation" });
    ec2.on(DescribeInstancesCommand).rejects(denied).on(StopInstancesCommand).rejects(denied);

    await expect(fence(input, context)).rejects.toMatchObject({
      name: "RefusedError",
      message:
        "fence: eu-west-1 responds, but these servers are not confirmed as stopped: i-1 (unknown), i-2 (unknown)",
    });
  });

  it("fence tries again after a throttle", async () => {
    const context = await aFenceScene();
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "running", "i-2": "running" }));
    ec2.on(StopInstancesCommand).rejects(Object.assign(new Error("slow"), { name: "RequestLimitExceeded" }));

    await expect(fence(input, context)).rejects.toMatchObject({ name: "TransientError", hint: expect.any(String) });

    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 1);
  });

  it("fence continues by best-effort when the source lists its servers but does not answer the stop, asked twice", async () => {
    const context = await aFenceScene();
    ec2.on(DescribeInstancesCommand).resolves(showing({ "i-1": "running", "i-2": "running" }));
    ec2.on(StopInstancesCommand).rejects(silence);

    const result = await fence(input, context);

    expect(result).toMatchObject({ fenced: false, sourceAnswered: true, stopped: ["i-1", "i-2"] });
    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 2);
  });

  it("fence asks each server by itself when one of them cannot be stopped", async () => {
    const context = await aFenceScene();
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce(showing({ "i-1": "running", "i-2": "running" }))
      .resolvesOnce({})
      .resolves(showing({ "i-1": "running", "i-2": "stopped" }));
    ec2
      .on(StopInstancesCommand)
      .rejects(refusal)
      .on(StopInstancesCommand, { InstanceIds: ["i-2"] })
      .resolves(stopping("i-2"));

    await expect(fence(input, context)).rejects.toMatchObject({
      name: "RefusedError",
      message: "fence: i-1 may not be stopped (OperationNotPermitted), and has no subnet that could be isolated",
      hint: "Run aws ec2 modify-instance-attribute --region eu-west-1 --instance-id i-1 --no-disable-api-stop. Then start the failover again.",
    });

    const [entry] = await context.store.ledger("shop", run.name);
    expect(entry?.detail.servers).toEqual([
      { server: "i-1", state: "running" },
      { server: "i-2", state: "stopped" },
    ]);
    expect(entry?.detail.stopped).toEqual(["i-2"]);
    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 3);
  });

  it("fence does not call stopped what could not be read back, after two tries", async () => {
    const context = await aFenceScene();
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce(showing({ "i-1": "running", "i-2": "running" }))
      .resolvesOnce({})
      .rejects(silence);
    ec2.on(StopInstancesCommand).resolves(stopping("i-1", "i-2"));

    await expect(fence(input, context)).rejects.toMatchObject({ name: "TransientError" });

    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 4);
  });

  it("fence stops blindly when no listing answers, and knows from the replies what ran before", async () => {
    const context = await aFenceScene();
    ec2
      .on(DescribeInstancesCommand)
      .rejectsOnce(silence)
      .rejectsOnce(silence)
      .resolves(showing({ "i-1": "stopping", "i-2": "stopped" }));
    ec2.on(StopInstancesCommand).resolves({
      StoppingInstances: [
        { InstanceId: "i-1", CurrentState: { Name: "stopping" } },
        { InstanceId: "i-2", CurrentState: { Name: "stopped" } },
      ],
    });

    expect(await fence(input, context)).toMatchObject({ done: false, sourceAnswered: true, stopped: ["i-1"] });
  });

  it("fence counts a server that EC2 no longer lists as fenced", async () => {
    const result = await fence(input, await aFenceScene());

    expect(result).toMatchObject({ fenced: true, sourceAnswered: true, stopped: [] });
    expect(result.servers.map(({ state }) => state)).toEqual(["gone", "gone"]);
    expect(ec2).not.toHaveReceivedCommand(StopInstancesCommand);
  });

  it("fence remembers in its second run what the first one stopped, and asks for nothing again", async () => {
    const context = await aFenceScene();
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce(showing({ "i-1": "running", "i-2": "stopped" }))
      .resolvesOnce({})
      .resolves(showing({ "i-1": "stopped", "i-2": "stopped" }));
    ec2.on(StopInstancesCommand).resolves(stopping("i-1"));

    const first = await fence(input, context);
    const second = await fence(input, context);

    expect(second).toEqual(first);
    expect(ec2).toHaveReceivedCommandTimes(StopInstancesCommand, 1);
  });

  it("fence asks nobody when the plan protects nothing", async () => {
    const plan = aPlan({ protect: [] });
    const context = await withTable(aContext(), { plan, row: held });

    const result = await fence(input, context);

    expect(result).toMatchObject({ fenced: true, sourceAnswered: false, servers: [] });
    expect(ec2).not.toHaveReceivedCommand(DescribeInstancesCommand);
  });

  it("fence changes nothing once the lease has moved on", async () => {
    const context = await withTable(aContext(), { plan: aPlan({ protect: [aResource()] }), row: aRow() });

    await expect(fence(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });

    expect(ec2).not.toHaveReceivedCommand(StopInstancesCommand);
  });

  describe("when the source tells of the servers of the points, but not what else the plan selects", () => {
    const deaf = (error: Error) => {
      ec2.on(DescribeInstancesCommand).rejects(error);
      const known = { Filters: [{ Name: "instance-id", Values: ["i-1", "i-2"] }] };
      ec2.on(DescribeInstancesCommand, known).resolves(showing({ "i-1": "stopped", "i-2": "stopped" }));
    };

    it("a listing without the plan's selection is no proof: required refuses, best-effort continues unfenced, both after a second try", async () => {
      deaf(silence);

      await expect(fence(late, await aFenceScene("required"))).rejects.toMatchObject({
        name: "RefusedError",
        message: expect.stringContaining("could not list the selected instances in eu-west-1"),
      });
      expect(await fence(input, await aFenceScene())).toMatchObject({ fenced: false, sourceAnswered: true });
      expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 6);
    });

    it("fence comes again after a throttle", async () => {
      deaf(Object.assign(new Error("slow down"), { name: "RequestLimitExceeded" }));

      await expect(fence(input, await aFenceScene())).rejects.toMatchObject({ name: "TransientError" });
    });

    it("fence tries again when the second try finds a server that runs", async () => {
      ec2
        .on(DescribeInstancesCommand)
        .resolvesOnce(showing({ "i-1": "stopped", "i-2": "stopped" }))
        .rejectsOnce(silence)
        .resolves(showing({ "i-9": "running" }));

      await expect(fence(input, await aFenceScene())).rejects.toMatchObject({
        name: "TransientError",
        message: expect.stringContaining("i-9 (running)"),
      });
    });
  });
});
