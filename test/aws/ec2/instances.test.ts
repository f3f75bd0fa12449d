import {
  DescribeInstanceAttributeCommand,
  DescribeInstanceCreditSpecificationsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  creditsOf,
  describeInstances,
  describeInstancesById,
  describeSelected,
  isStopProtected,
  listStatuses,
  runInstances,
  startInstances,
  stopInstances,
  terminateInstances,
  userDataOf,
} from "../../../functions/aws/ec2/instances.ts";
import { ec2Of } from "../../../simulator/ec2/state.ts";
import { aContext } from "../../support/context.ts";
import { simulated } from "../../support/simulated.ts";

const ec2 = mockClient(EC2Client);
const { clients } = aContext();
const region = "eu-central-1";

beforeEach(() => ec2.reset());

describe("instances", () => {
  it("tell their CPU credits, a thousand at a time", async () => {
    const ids = Array.from({ length: 1_001 }, (_, at) => `i-${at}`);
    ec2
      .on(DescribeInstanceCreditSpecificationsCommand)
      .resolvesOnce({ InstanceCreditSpecifications: [{ InstanceId: "i-0", CpuCredits: "standard" }] })
      .resolves({});
    expect([...(await creditsOf(clients, region, ids))]).toEqual([["i-0", "standard"]]);
    expect(ec2).toHaveReceivedNthCommandWith(DescribeInstanceCreditSpecificationsCommand, 2, {
      InstanceIds: ["i-1000"],
    });
  });

  it("are listed over all pages", async () => {
    ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({ Reservations: [{ Instances: [{ InstanceId: "i-1" }, { InstanceId: "i-2" }] }], NextToken: "2" })
      .resolves({ Reservations: [{}, { Instances: [{ InstanceId: "i-3" }] }] });
    const filters = [{ Name: "tag:App", Values: ["shop"] }];
    const found = await describeInstances(clients, region, filters);
    expect(found.map(({ InstanceId }) => InstanceId)).toEqual(["i-1", "i-2", "i-3"]);
    expect(ec2).toHaveReceivedNthCommandWith(DescribeInstancesCommand, 2, { Filters: filters, NextToken: "2" });
  });

  it("are asked for by id in filters of at most 200 values, so that an unknown one hides no other", async () => {
    ec2.on(DescribeInstancesCommand).resolves({});
    const ids = Array.from({ length: 201 }, (_, i) => `i-${i}`);
    expect(await describeInstancesById(clients, region, ids, "optional")).toEqual([]);
    const asked = ec2.commandCalls(DescribeInstancesCommand).map(({ args }) => args[0].input.Filters?.[0]?.Values);
    expect(asked.map((values) => values?.length)).toEqual([200, 1]);
    expect(await describeInstancesById(clients, region, [])).toEqual([]);
    expect(ec2).toHaveReceivedCommandTimes(DescribeInstancesCommand, 2);
  });

  it("start with a token, and a reply without an instance is an error", async () => {
    const input = { ClientToken: "t", MinCount: 1, MaxCount: 1 };
    ec2
      .on(RunInstancesCommand)
      .resolvesOnce({ Instances: [{ InstanceId: "i-1" }] })
      .resolves({});
    expect(await runInstances(clients, region, input)).toEqual({ InstanceId: "i-1" });
    await expect(runInstances(clients, region, input)).rejects.toThrow("gave no instance for t");
  });

  it("stop and start, and tell the state that each is in", async () => {
    ec2.on(StopInstancesCommand, { InstanceIds: ["i-1"] }).resolves({
      StoppingInstances: [{ InstanceId: "i-1", CurrentState: { Name: "stopping" } }],
    });
    ec2.on(StartInstancesCommand, { InstanceIds: ["i-1"] }).resolves({ StartingInstances: [{}] });
    expect(await stopInstances(clients, region, ["i-1"])).toEqual([{ id: "i-1", state: "stopping" }]);
    expect(await startInstances(clients, region, ["i-1"])).toEqual([{ id: "", state: "unknown" }]);
    ec2.reset();
    ec2.on(StopInstancesCommand).resolves({});
    ec2.on(StartInstancesCommand).resolves({});
    expect(await stopInstances(clients, region, ["i-1"], "optional")).toEqual([]);
    expect(await startInstances(clients, region, ["i-1"], "optional")).toEqual([]);
  });

  it("have user data, or none", async () => {
    ec2
      .on(DescribeInstanceAttributeCommand, { InstanceId: "i-1", Attribute: "userData" })
      .resolvesOnce({ UserData: { Value: "IyEvYmluL3No" } })
      .resolves({ UserData: {} });
    expect(await userDataOf(clients, region, "i-1")).toBe("IyEvYmluL3No");
    expect(await userDataOf(clients, region, "i-1")).toBeNull();
  });

  it("tell whether they are protected against stopping", async () => {
    ec2
      .on(DescribeInstanceAttributeCommand, { InstanceId: "i-1", Attribute: "disableApiStop" })
      .resolvesOnce({ DisableApiStop: { Value: true } })
      .resolves({});
    expect(await isStopProtected(clients, region, "i-1")).toBe(true);
    expect(await isStopProtected(clients, region, "i-1")).toBe(false);
  });

  it("are stopped by force when a shutdown hangs", async () => {
    ec2.on(StopInstancesCommand).resolves({});
    await stopInstances(clients, region, ["i-1"], "optional", "force");
    expect(ec2).toHaveReceivedCommandWith(StopInstancesCommand, { InstanceIds: ["i-1"], Force: true });
  });

  it("have their status checks read over all pages, of what runs", async () => {
    const status = (InstanceId: string, Status?: "ok" | "initializing") => ({
      InstanceId,
      ...(Status && { SystemStatus: { Status: "ok" as const }, InstanceStatus: { Status } }),
    });
    ec2
      .on(DescribeInstanceStatusCommand)
      .resolvesOnce({ InstanceStatuses: [status("i-1", "initializing")], NextToken: "2" })
      .resolves({ InstanceStatuses: [status("i-2")] });
    expect(await listStatuses(clients, region)).toEqual(
      new Map([
        ["i-1", { system: "ok", instance: "initializing" }],
        ["i-2", { system: "unknown", instance: "unknown" }],
      ]),
    );
    const Filters = [{ Name: "instance-state-name", Values: ["running"] }];
    expect(ec2).toHaveReceivedNthCommandWith(DescribeInstanceStatusCommand, 2, { Filters, NextToken: "2" });
  });

  it("are ended one by one, and one that is gone already is no error", async () => {
    ec2
      .on(TerminateInstancesCommand)
      .rejectsOnce(Object.assign(new Error("gone"), { name: "InvalidInstanceID.NotFound" }))
      .resolvesOnce({})
      .rejects(Object.assign(new Error("no"), { name: "UnauthorizedOperation" }));
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [{ State: { Name: "running" } }] }] });
    await terminateInstances(clients, region, ["i-1", "i-2"]);
    expect(ec2).toHaveReceivedCommandWith(TerminateInstancesCommand, { InstanceIds: ["i-2"] });
    await expect(terminateInstances(clients, region, ["i-3"])).rejects.toThrow("no");
  });
});

describe("what a plan selects", () => {
  it("the plan's selection is read by the values themselves, without the wildcards of EC2", async () => {
    ec2.on(DescribeInstancesCommand).resolves({});
    await describeSelected(clients, region, { App: "*", Team: "R&D?", Path: "a\\b" });
    expect(ec2.commandCalls(DescribeInstancesCommand)[0]!.args[0].input.Filters?.slice(0, 3)).toEqual([
      { Name: "tag:App", Values: ["\\*"] },
      { Name: "tag:Team", Values: ["R&D\\?"] },
      { Name: "tag:Path", Values: ["a\\\\b"] },
    ]);
  });

  it("the plan's selection is what carries exactly this tag, whatever is in its value", async () => {
    ec2.restore();
    const value = fc.string({ unit: fc.constantFrom("*", "?", "\\", "a", ".", "("), maxLength: 4 });
    const given = fc.uniqueArray(value, { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(given, ([own, other]) =>
        simulated({}, async ({ world, clients }) => {
          const [first, second] = ec2Of(world, "eu-west-1").instances.values();
          first!.tags.push({ Key: "Label", Value: own! });
          second!.tags.push({ Key: "Label", Value: other! });
          const found = await describeSelected(clients, "eu-west-1", { Label: own! });
          expect(found.map(({ InstanceId }) => InstanceId)).toEqual([first!.id]);
        }),
      ),
      { numRuns: 40 },
    );
  });
});
