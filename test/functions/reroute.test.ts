import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from "@aws-sdk/client-route-53";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reroute } from "../../functions/reroute.ts";
import { aPlan, aRun } from "../support/builders.ts";
import { regionsOf } from "../support/regions.ts";
import {
  aScene,
  byRecords,
  cloudWatch,
  ec2,
  hurrying,
  input,
  moved,
  primarySet,
  reset,
  route53,
  run,
  secondarySet,
  zone,
} from "../support/reroute-scene.ts";

beforeEach(reset);
// a switch in the source Region would go dark with it
afterEach(async () => {
  expect([[], ["eu-central-1"]]).toContainEqual(await regionsOf(cloudWatch, ec2));
  expect([[], ["us-east-1"]]).toContainEqual(await regionsOf(route53));
});

describe("reroute by takeover", () => {
  it("reroute by takeover writes the state record, then the metric, and calls no global control plane", async () => {
    const context = await aScene();

    const result = await reroute(input, context);

    expect(result).toEqual({
      at: "2026-03-02T12:00:00.000Z",
      switch: "takeover",
      changes: [],
      changeIds: {},
      step: 0,
      gateSeconds: 0,
      waitSeconds: 0,
      because: "",
    });
    expect(await context.store.row("shop")).toMatchObject(moved);
    expect(cloudWatch).toHaveReceivedCommandWith(PutMetricDataCommand, {
      Namespace: "Lifeboat",
      MetricData: [
        {
          MetricName: "Takeover",
          Dimensions: [{ Name: "Application", Value: "shop" }],
          Value: 1,
          StorageResolution: 60,
        },
      ],
    });
    expect(route53.calls()).toEqual([]);
    expect(await context.store.ledger("shop", run.name)).toMatchObject([{ state: "Reroute", outcome: "Moved" }]);
  });

  it("reroute by takeover moves the state record even when the metric cannot be published, and publishes it when run again", async () => {
    const context = await aScene();
    cloudWatch.on(PutMetricDataCommand).rejectsOnce(Object.assign(new Error("slow"), { name: "Throttling" }));

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "Throttling" });
    expect(await context.store.row("shop")).toMatchObject(moved);

    expect((await reroute(input, context)).switch).toBe("takeover");
    expect(await context.store.row("shop")).toMatchObject(moved);
  });

  it("reroute by takeover publishes nothing when the state record cannot be moved", async () => {
    const context = await aScene();
    context.table.update = async () => false;

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });

    expect(cloudWatch.calls()).toEqual([]);
  });

  it("reroute by takeover refuses what Fence would have refused", async () => {
    const context = await aScene({ recover: { ...aPlan().recover, fence: "required" } });

    await expect(reroute({ ...input, fence: { value: { fenced: false } } }, context)).rejects.toMatchObject({
      name: "RefusedError",
    });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("reroute moves only the state record of a plan without traffic", async () => {
    const context = await aScene({ traffic: null });

    expect(await reroute(input, context)).toMatchObject({ switch: "none", changes: [] });

    expect(await context.store.row("shop")).toMatchObject(moved);
    expect(cloudWatch.calls()).toEqual([]);
  });
});

describe("reroute by records", () => {
  const upsert = (...sets: ResourceRecordSet[]) => ({
    HostedZoneId: zone,
    ChangeBatch: {
      Comment: "lifeboat run-1",
      Changes: sets.map((ResourceRecordSet) => ({ Action: "UPSERT" as const, ResourceRecordSet })),
    },
  });
  const named = (set: ResourceRecordSet) => ({ ...set, Name: set.Name?.replace(/\.$/, "") });

  it("reroute by records changes the values of the PRIMARY record in place and keeps the old set", async () => {
    const context = await aScene({ traffic: byRecords({}) });

    const result = await reroute(input, context);

    const change = { zone, name: "shop.example.com", type: "A", before: ["192.0.2.10"], after: ["198.51.100.10"] };
    expect(result).toMatchObject({ switch: "records", changes: [change] });
    expect(route53).toHaveReceivedCommandWith(
      ChangeResourceRecordSetsCommand,
      upsert(named(primarySet("198.51.100.10"))),
    );
    expect(cloudWatch.calls()).toEqual([]);
    expect(await context.store.row("shop")).toMatchObject(moved);
    const ledger = await context.store.ledger("shop", run.name);
    expect(ledger.find(({ subject }) => subject === `${zone} shop.example.com A primary`)?.detail.oldSet).toMatchObject(
      {
        setIdentifier: "primary",
        failover: "PRIMARY",
        values: ["192.0.2.10"],
      },
    );
  });

  it("reroute by records finds in its second run that all is done, and still knows the old set", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const first = await reroute(input, context);
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("198.51.100.10")] });

    const second = await reroute(input, context);

    expect(second).toEqual(first);
    expect(route53).toHaveReceivedCommandTimes(ChangeResourceRecordSetsCommand, 1);
  });

  it("reroute by records asks again after a rejected change, and does not take the wanted set for the old one", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const busy = Object.assign(new Error("busy"), { name: "PriorRequestNotComplete" });
    route53.on(ChangeResourceRecordSetsCommand).rejects(busy);

    const late = { ...context, now: hurrying() };
    await expect(reroute(input, late)).rejects.toMatchObject({
      name: "TransientError",
      message: `zone ${zone}: the record change was not applied: PriorRequestNotComplete`,
    });
    route53.on(ChangeResourceRecordSetsCommand).resolves({});
    const { changes } = await reroute(input, context);

    expect(changes).toMatchObject([{ before: ["192.0.2.10"], after: ["198.51.100.10"] }]);
  });

  it("reroute by records sends one batch per zone", async () => {
    const simple = { policy: "simple" as const };
    const context = await aScene({
      traffic: byRecords(
        { ...simple, name: "a.example.com" },
        { ...simple, name: "b.example.com" },
        { ...simple, name: "c.example.org", zone: "Z2" },
      ),
    });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [] });

    await reroute(input, context);

    const batches = route53
      .commandCalls(ChangeResourceRecordSetsCommand)
      .map(({ args: [{ input: sent }] }) => [
        sent.HostedZoneId,
        sent.ChangeBatch?.Changes?.map(({ ResourceRecordSet: set }) => set?.Name),
      ]);
    expect(batches).toEqual([
      [zone, ["a.example.com", "b.example.com"]],
      ["Z2", ["c.example.org"]],
    ]);
  });

  it("reroute by records gives the public addresses of the servers that this run launched and found good", async () => {
    const context = await aScene({
      traffic: byRecords({ policy: "simple", recovery: { launched: "web" } }),
    });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [] });
    const verified = (subject: string, outcome: string, instance: string) =>
      context.store.record("shop", {
        run: run.name,
        state: "Verify",
        subject,
        startedAt: "",
        endedAt: "",
        outcome,
        detail: { instance },
      });
    await verified("i-src-1", "Served", "i-new-1");
    await verified("i-src-2", "TooLate", "i-new-2");
    ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [
        {
          Instances: [
            { InstanceId: "i-new-1", PublicIpAddress: "203.0.113.5", PrivateIpAddress: "10.0.0.5" },
            { InstanceId: "i-new-2", PublicIpAddress: "203.0.113.6", PrivateIpAddress: "10.0.0.6" },
          ],
        },
      ],
    });

    const { changes } = await reroute(input, context);

    expect(changes).toMatchObject([{ before: [], after: ["203.0.113.5"] }]);
    expect(ec2).toHaveReceivedCommandWith(DescribeInstancesCommand, {
      Filters: [
        { Name: "tag:lifeboat:run", Values: ["run-1"] },
        { Name: "tag:lifeboat:resource", Values: ["web"] },
        { Name: "instance-state-name", Values: ["running"] },
      ],
    });
  });

  it("reroute by records falls back to private addresses, as a private zone needs them", async () => {
    const context = await aScene({ traffic: byRecords({ policy: "simple", recovery: { launched: "web" } }) });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [] });
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ Reservations: [{ Instances: [{ InstanceId: "i-1", PrivateIpAddress: "10.0.0.5" }] }] });

    expect((await reroute(input, context)).changes).toMatchObject([{ after: ["10.0.0.5"] }]);
  });

  it("reroute by records gives private addresses to a private zone also where the servers have public ones", async () => {
    const launched = { policy: "simple" as const, recovery: { launched: "web" } };
    const context = await aScene({ traffic: byRecords(launched, { ...launched, private: true, zone: "ZPRIVATE" }) });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [] });
    const instance = { InstanceId: "i-1", PublicIpAddress: "203.0.113.5", PrivateIpAddress: "10.0.0.5" };
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: [instance] }] });

    expect((await reroute(input, context)).changes).toMatchObject([
      { zone, after: ["203.0.113.5"] },
      { zone: "ZPRIVATE", after: ["10.0.0.5"] },
    ]);
  });

  it("reroute by records moves nothing, not even the state record, when a record differs from the plan", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [secondarySet] });

    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: 'records cannot be changed: shop.example.com A: expected a set "primary" (got "recovery")',
    });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("reroute by records goes back to the primary's values when the target is the primary Region", async () => {
    const back = aRun({ source: "eu-central-1", target: "eu-west-1" });
    const context = await aScene({ traffic: byRecords({}) });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("198.51.100.10")] });

    const { changes } = await reroute({ ...input, run: back }, context);

    expect(changes).toMatchObject([{ after: ["192.0.2.10"] }]);
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });
});
