import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { CopySnapshotCommand, DescribeInstancesCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { ChangeResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type Call,
  createClients,
  isMutating,
  type Patience,
  type Watch,
} from "../../../functions/aws/calls/clients.ts";
import { limits } from "../../../functions/core/limits.ts";
import { inVirtualTime } from "../../../simulator/clock.ts";
import { AwsError } from "../../../simulator/kernel.ts";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const answer = { output: { $metadata: {} }, response: {} };
const clientsOn = (...watches: Watch[]) => createClients(watches, { credentials });

const describeAll = new DescribeInstancesCommand({});
const copyOne = new CopySnapshotCommand({ SourceRegion: "eu-west-1", SourceSnapshotId: "snap-1" });

/** Sends one call of this patience to an AWS that always does `outcome`: how often, for how long (seconds), and how it ended. */
const tried = (patience: Patience, outcome: () => Promise<never>) =>
  inVirtualTime({ start: new Date(0), random: () => 0.5 }, async () => {
    const calls: Call[] = [];
    const watch: Watch = (call) => {
      calls.push(call);
      return outcome();
    };
    const error: Error = await clientsOn(watch)(EC2Client, "eu-west-1", patience)
      .send(copyOne)
      .then(
        () => new Error("it was answered"),
        (thrown) => thrown,
      );
    return {
      attempts: calls.length,
      seconds: Date.now() / 1_000,
      error: error.name,
      signals: calls.map((c) => c.signal),
    };
  });

const throttle = () => Promise.reject(new AwsError("RequestLimitExceeded", "Request limit exceeded.", 503));
const unavailable = () => Promise.reject(new AwsError("ServiceUnavailable", "Service is unavailable.", 503));
const lostReply = () => Promise.reject(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
const refusal = () => Promise.reject(new AwsError("InvalidSnapshot.NotFound", "The snapshot does not exist."));
const silence = () => new Promise<never>(() => {});

describe("patience", () => {
  it.each<[Patience, string, number, () => Promise<never>]>([
    ["standard", "a throttle", 4, throttle],
    ["standard", "a 503", 4, unavailable],
    ["standard", "a lost reply", 4, lostReply],
    ["standard", "no answer", 4, silence],
    ["standard", "a refusal", 1, refusal],
    ["once", "a throttle", 4, throttle],
    ["once", "a 503", 1, unavailable],
    ["once", "a lost reply", 1, lostReply],
    ["once", "no answer", 1, silence],
    ["once", "a refusal", 1, refusal],
    ["optional", "a throttle", 1, throttle],
    ["optional", "a 503", 1, unavailable],
    ["optional", "a lost reply", 1, lostReply],
    ["optional", "no answer", 1, silence],
  ])("%s: after %s there are %i attempts in all", async (patience, _what, attempts, outcome) => {
    const met = await tried(patience, outcome);
    expect(met.attempts).toBe(attempts);
  });

  it("gives up with the error of AWS, not with one of the retries", async () => {
    expect(await tried("once", throttle)).toMatchObject({ error: "RequestLimitExceeded" });
    expect(await tried("once", unavailable)).toMatchObject({ error: "ServiceUnavailable" });
    expect(await tried("optional", refusal)).toMatchObject({ error: "InvalidSnapshot.NotFound" });
  });

  it("once: a second attempt after a throttle may succeed", async () => {
    let calls = 0;
    const throttledFirst: Watch = async () => (++calls === 1 ? throttle() : answer);
    await inVirtualTime({ start: new Date(0), random: () => 0.5 }, () =>
      clientsOn(throttledFirst)(EC2Client, "eu-west-1", "once").send(copyOne),
    );
    expect(calls).toBe(2);
  });

  it("optional: ends a silent attempt after 3 s, and aborts it", async () => {
    const { seconds, error, signals } = await tried("optional", silence);
    expect(seconds).toBe(limits.optionalCallSeconds);
    expect(error).toBe("TimeoutError");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("once: ends a silent attempt after 10 s", async () => {
    expect(await tried("once", silence)).toMatchObject({ seconds: limits.callSeconds, error: "TimeoutError" });
  });

  it("standard: each silent attempt ends after 10 s", async () => {
    const { seconds, error } = await tried("standard", silence);
    expect(seconds).toBeGreaterThanOrEqual(4 * limits.callSeconds);
    expect(seconds).toBeLessThan(4 * limits.callSeconds + 5);
    expect(error).toBe("TimeoutError");
  });

  it("says in a timeout which call had no answer", async () => {
    const sent = inVirtualTime({ start: new Date(0), random: () => 0.5 }, () =>
      clientsOn(silence)(EC2Client, "eu-west-1", "optional").send(describeAll),
    );
    await expect(sent).rejects.toThrow("EC2 DescribeInstances in eu-west-1: no answer within 3 s");
  });
});

describe("the seam", () => {
  /** What a watch is told of a call. */
  const seen = async (send: (clients: ReturnType<typeof createClients>) => Promise<unknown>) => {
    const calls: Call[] = [];
    const watch: Watch = async (call) => {
      calls.push(call);
      return answer;
    };
    await send(clientsOn(watch));
    return calls[0]!;
  };

  it("tells service, operation, Region, input, and whether the call changes anything", async () => {
    const read = await seen((clients) => clients(EC2Client, "eu-west-1").send(describeAll));
    expect(read).toMatchObject({
      service: "EC2",
      operation: "DescribeInstances",
      region: "eu-west-1",
      input: {},
      mutating: false,
    });

    const change = new ChangeResourceRecordSetsCommand({ HostedZoneId: "Z1", ChangeBatch: { Changes: [] } });
    const write = await seen((clients) => clients(Route53Client, "us-east-1", "optional").send(change));
    expect(write).toMatchObject({
      service: "Route 53",
      operation: "ChangeResourceRecordSets",
      region: "us-east-1",
      input: { HostedZoneId: "Z1", ChangeBatch: { Changes: [] } },
      mutating: true,
    });

    const key = { TableName: "lifeboat", Key: { pk: { S: "shop" } } };
    const get = await seen((clients) => clients(DynamoDBClient, "eu-central-1").send(new GetItemCommand(key)));
    expect(get).toMatchObject({ service: "DynamoDB", operation: "GetItem", region: "eu-central-1", mutating: false });
    const update = await seen((clients) => clients(DynamoDBClient, "eu-central-1").send(new UpdateItemCommand(key)));
    expect(update).toMatchObject({ operation: "UpdateItem", mutating: true });
  });

  it("shows a token that the SDK made up in the request only", async () => {
    const command = new RunInstancesCommand({ ImageId: "ami-1", MinCount: 1, MaxCount: 1 });
    const { input, request } = await seen((clients) => clients(EC2Client, "eu-central-1").send(command));
    expect(input).not.toHaveProperty("ClientToken");
    expect(request.body).toMatch(/ClientToken=[0-9a-f-]{36}/);
  });

  it.each([
    ["DescribeInstances", false],
    ["GetItem", false],
    ["ListResourceRecordSets", false],
    ["HeadBucket", false],
    ["Query", false],
    ["CreateSnapshots", true],
    ["StartExecution", true],
    ["PutMetricData", true],
    ["SendCommand", true],
  ])("calls %s mutating: %s", (operation, mutating) => {
    expect(isMutating(operation)).toBe(mutating);
  });

  it("calls a dry run no change", async () => {
    const calls: Call[] = [];
    const watch: Watch = async (call) => {
      calls.push(call);
      return { output: { $metadata: {} }, response: {} };
    };
    const command = (DryRun: boolean) =>
      new RunInstancesCommand({ ImageId: "ami-1", MinCount: 1, MaxCount: 1, DryRun });
    const credentials = { accessKeyId: "a", secretAccessKey: "s" };
    const clients = createClients([watch], { credentials });
    for (const dry of [true, false]) await clients(EC2Client, "eu-west-1").send(command(dry));
    expect(calls.map(({ mutating }) => mutating)).toEqual([false, true]);
  });

  it("the chain of watches asks the watches in their order, each around the ones after it", async () => {
    const order: string[] = [];
    const around =
      (name: string): Watch =>
      async (_call, next) => {
        order.push(`${name} before`);
        const reply = await next();
        order.push(`${name} after`);
        return reply;
      };
    const aws: Watch = async () => {
      order.push("AWS");
      return answer;
    };
    await clientsOn(around("journal"), around("dry run"), aws)(EC2Client, "eu-west-1").send(describeAll);
    expect(order).toEqual(["journal before", "dry run before", "AWS", "dry run after", "journal after"]);
  });

  it("the chain of watches lets a watch refuse whatever changes something, and record it", async () => {
    const reached: string[] = [];
    const refused: string[] = [];
    const dryRun: Watch = (call, next) => {
      if (!call.mutating) return next();
      refused.push(call.operation);
      return Promise.reject(new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set."));
    };
    const aws: Watch = async ({ operation }) => {
      reached.push(operation);
      return answer;
    };
    const ec2 = clientsOn(dryRun, aws)(EC2Client, "eu-west-1");
    await ec2.send(describeAll);
    await expect(ec2.send(copyOne)).rejects.toMatchObject({ name: "DryRunOperation" });
    expect({ reached, refused }).toEqual({ reached: ["DescribeInstances"], refused: ["CopySnapshot"] });
  });

  it("the chain of watches is asked again for each attempt: the retries are above it", async () => {
    let attempts = 0;
    const failingFirst: Watch = async () => (++attempts < 3 ? unavailable() : answer);
    await inVirtualTime({ start: new Date(0), random: () => 0.5 }, () =>
      clientsOn(failingFirst)(EC2Client, "eu-west-1").send(describeAll),
    );
    expect(attempts).toBe(3);
  });
});

describe("clients of one container", () => {
  it("clients of one container are made once for each class, Region and patience", () => {
    const clients = clientsOn();
    const ec2 = clients(EC2Client, "eu-west-1");
    expect(clients(EC2Client, "eu-west-1", "standard")).toBe(ec2);
    expect(clients(EC2Client, "eu-central-1")).not.toBe(ec2);
    expect(clients(EC2Client, "eu-west-1", "once")).not.toBe(ec2);
    expect(clients(DynamoDBClient, "eu-west-1")).not.toBe(ec2);
    expect(clientsOn()(EC2Client, "eu-west-1")).not.toBe(ec2);
  });

  it("may have an endpoint of their own, which the watches see all the same; the container's own endpoint wins", async () => {
    const seen: string[] = [];
    const watch: Watch = async ({ region, request }) => {
      seen.push(`${region} ${(request as { hostname?: string }).hostname}`);
      return { output: { $metadata: {} }, response: {} };
    };
    const keys = { credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    for (const defaults of [keys, { ...keys, endpoint: "http://emulator.test" }]) {
      const clients = createClients([watch], defaults);
      for (const url of ["https://one.example.com/v1", "https://two.example.com/v1"])
        await clients(EC2Client, "us-west-2", "optional", url).send(new DescribeInstancesCommand({}));
    }
    expect(seen).toEqual([
      ...["us-west-2 one.example.com", "us-west-2 two.example.com"],
      ...["us-west-2 emulator.test", "us-west-2 emulator.test"],
    ]);
  });

  it("clients of one container leave no timer behind once they are answered", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    await clientsOn(async () => answer)(EC2Client, "eu-west-1").send(describeAll);
    expect(vi.getTimerCount()).toBe(0);
  });
});
