import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import {
  GetRoutingControlStateCommand,
  Route53RecoveryClusterClient,
  UpdateRoutingControlStatesCommand,
} from "@aws-sdk/client-route53-recovery-cluster";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Plan, Traffic, TrafficRecord } from "../../functions/core/plan.ts";
import { reroute } from "../../functions/reroute.ts";
import { aPlan, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const cloudWatch = mockClient(CloudWatchClient);
const ec2 = mockClient(EC2Client);
const route53 = mockClient(Route53Client);
const cluster = mockClient(Route53RecoveryClusterClient);

const run = aRun();
const lease = { value: { generation: 1 } };
const input = { run, lease, fence: { value: { fenced: true } } };
const takeover = aPlan().traffic as Traffic;
const [record] = takeover.records as [TrafficRecord];
const zone = record.zone;
const byRecords = (...records: Partial<TrafficRecord>[]): Traffic => ({
  ...takeover,
  switch: "records",
  acceptControlPlane: true,
  records: records.map((over) => ({ ...record, ...over })),
});

/** A clock on which the step's time is over at the second look. */
const hurrying = () => {
  let seconds = 0;
  return () => new Date(Date.parse("2026-03-02T12:00:00.000Z") + 60_000 * seconds++);
};

const aScene = (over: Partial<Plan> = {}) =>
  withTable(aContext(), {
    plan: aPlan(over),
    row: aRow({
      phase: "running",
      run: { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} },
    }),
  });
const moved = { active: "eu-central-1", switch: 1, generation: 1 };

const primarySet = (value: string): ResourceRecordSet => ({
  Name: "shop.example.com.",
  Type: "A",
  SetIdentifier: "primary",
  Failover: "PRIMARY",
  HealthCheckId: "check-1",
  TTL: 30,
  ResourceRecords: [{ Value: value }],
});
const secondarySet: ResourceRecordSet = {
  ...primarySet("198.51.100.10"),
  SetIdentifier: "recovery",
  Failover: "SECONDARY",
};

beforeEach(() => {
  for (const mock of [cloudWatch, ec2, route53, cluster]) mock.reset();
  cloudWatch.on(PutMetricDataCommand).resolves({});
  route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("192.0.2.10"), secondarySet] });
  route53.on(ChangeResourceRecordSetsCommand).resolves({});
});

describe("reroute by takeover", () => {
  it("writes the row, then the metric, and calls no global control plane", async () => {
    const context = await aScene();

    const result = await reroute(input, context);

    expect(result).toEqual({
      ...{ at: "2026-03-02T12:00:00.000Z", switch: "takeover", changes: [], changeIds: {} },
      ...{ step: 0, gateSeconds: 0, waitSeconds: 0, because: "" },
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

  it("has moved the row even when the metric cannot be published, and publishes it when run again", async () => {
    const context = await aScene();
    cloudWatch.on(PutMetricDataCommand).rejectsOnce(Object.assign(new Error("slow"), { name: "Throttling" }));

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "Throttling" });
    expect(await context.store.row("shop")).toMatchObject(moved);

    expect((await reroute(input, context)).switch).toBe("takeover");
    expect(await context.store.row("shop")).toMatchObject(moved);
  });

  it("publishes nothing when the row cannot be moved", async () => {
    const context = await aScene();
    context.table.update = async () => false;

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "StaleLeaseError" });

    expect(cloudWatch.calls()).toEqual([]);
  });

  it("refuses what Fence would have refused", async () => {
    const context = await aScene({ recover: { ...aPlan().recover, fence: "required" } });

    await expect(reroute({ ...input, fence: { value: { fenced: false } } }, context)).rejects.toMatchObject({
      name: "RefusedError",
    });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("moves only the row of a plan without traffic", async () => {
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

  it("changes the values of the PRIMARY record in place and keeps the old set", async () => {
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

  it("finds in its second run that all is done, and still knows the old set", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const first = await reroute(input, context);
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("198.51.100.10")] });

    const second = await reroute(input, context);

    expect(second).toEqual(first);
    expect(route53).toHaveReceivedCommandTimes(ChangeResourceRecordSetsCommand, 1);
  });

  it("asks again after a rejected change, and does not take the wanted set for the old one", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const busy = Object.assign(new Error("busy"), { name: "PriorRequestNotComplete" });
    route53.on(ChangeResourceRecordSetsCommand).rejects(busy);

    const late = { ...context, now: hurrying() };
    await expect(reroute(input, late)).rejects.toMatchObject({
      name: "TransientError",
      message: `zone ${zone}: the change of its records was not made: PriorRequestNotComplete`,
    });
    route53.on(ChangeResourceRecordSetsCommand).resolves({});
    const { changes } = await reroute(input, context);

    expect(changes).toMatchObject([{ before: ["192.0.2.10"], after: ["198.51.100.10"] }]);
  });

  it("sends one batch per zone", async () => {
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

  it("gives the public addresses of the servers that this run launched and found good", async () => {
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

  it("falls back to private addresses, as a private zone needs them", async () => {
    const context = await aScene({ traffic: byRecords({ policy: "simple", recovery: { launched: "web" } }) });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [] });
    ec2
      .on(DescribeInstancesCommand)
      .resolves({ Reservations: [{ Instances: [{ InstanceId: "i-1", PrivateIpAddress: "10.0.0.5" }] }] });

    expect((await reroute(input, context)).changes).toMatchObject([{ after: ["10.0.0.5"] }]);
  });

  it("moves nothing, not even the row, when a record is not as the plan says", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [secondarySet] });

    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "ResourceFailedError",
      message: 'records cannot be changed: shop.example.com A: expected a set "primary" (got "recovery")',
    });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("goes back to the primary's values when the target is the primary Region", async () => {
    const back = aRun({ source: "eu-central-1", target: "eu-west-1" });
    const context = await aScene({ traffic: byRecords({}) });
    route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("198.51.100.10")] });

    const { changes } = await reroute({ ...input, run: back }, context);

    expect(changes).toMatchObject([{ after: ["192.0.2.10"] }]);
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("waits a little and asks again while an earlier change is at work, within the step", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00.000Z") });
    try {
      const context = { ...(await aScene({ traffic: byRecords({}) })), now: () => new Date() };
      const busy = Object.assign(new Error("busy"), { name: "PriorRequestNotComplete" });
      let asked = 0;
      route53.on(ChangeResourceRecordSetsCommand).callsFake(() => {
        asked++;
        if (asked < 6) throw busy;
        return { ChangeInfo: { Id: "/change/C1" } };
      });
      const done = reroute(input, context);
      await vi.advanceTimersByTimeAsync(60_000);
      expect((await done).changeIds).toEqual({ [zone]: "/change/C1" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("gives up in time, so that the machine may run the step again", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00.000Z") });
    try {
      const context = { ...(await aScene({ traffic: byRecords({}) })), now: () => new Date() };
      route53
        .on(ChangeResourceRecordSetsCommand)
        .rejects(Object.assign(new Error("Rate exceeded"), { name: "Throttling" }));
      const failed = reroute(input, context).catch((error) => [error.name, (Date.now() / 1_000) % 3_600]);
      await vi.advanceTimersByTimeAsync(120_000);
      const [name, seconds] = (await failed) as [string, number];
      expect(name).toBe("TransientError");
      expect(seconds).toBeGreaterThan(15);
      expect(seconds).toBeLessThan(45);
    } finally {
      vi.useRealTimers();
    }
  });

  it("finds that a batch was applied whose reply was lost, and does not make it again", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00.000Z") });
    try {
      const context = { ...(await aScene({ traffic: byRecords({}) })), now: () => new Date() };
      route53.on(ChangeResourceRecordSetsCommand).callsFake(() => {
        route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("198.51.100.10")] });
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      });
      const done = reroute(input, context);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(await done).toMatchObject({ changes: [{ after: ["198.51.100.10"] }], changeIds: {} });
      expect(route53).toHaveReceivedCommandTimes(ChangeResourceRecordSetsCommand, 1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("puts the row back where Route 53 refuses the batch for good: nothing moved", async () => {
    const context = await aScene({ traffic: byRecords({}) });
    const refused = Object.assign(new Error("[Tried to …]"), { name: "InvalidChangeBatch" });
    route53.on(ChangeResourceRecordSetsCommand).rejects(refused);

    await expect(reroute(input, context)).rejects.toMatchObject({ name: "InvalidChangeBatch" });

    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });
});

describe("reroute by routing controls", () => {
  const controls = { primary: "arn:panel/control/p", recovery: "arn:panel/control/r" };
  const endpoints = ["us-east-1", "us-west-2"].map((region) => ({ region, url: `https://${region}.example.com/v1` }));
  const byControls: Traffic = {
    ...takeover,
    ...{ switch: "routing-control", cluster: { endpoints } },
    records: [{ ...record, routingControls: controls }],
  };
  const fault = (name: string) => Object.assign(new Error(`${name}!`), { name });
  const read = (p: "On" | "Off", r: "On" | "Off") => {
    const of = (RoutingControlArn: string) => cluster.on(GetRoutingControlStateCommand, { RoutingControlArn });
    of(controls.primary).resolves({ RoutingControlState: p });
    of(controls.recovery).resolves({ RoutingControlState: r });
  };

  it("turns both controls of the pair in one call, reads them back, and needs no other control plane", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    read("Off", "On");

    expect(await reroute(input, context)).toMatchObject({
      ...{ switch: "routing-control", changes: [] },
      because: "2 routing controls turned to the recovery side in one call",
    });

    expect(cluster).toHaveReceivedCommandTimes(UpdateRoutingControlStatesCommand, 1);
    expect([route53.calls(), cloudWatch.calls()]).toEqual([[], []]);
    expect(await context.store.row("shop")).toMatchObject(moved);
  });

  it("refused by a safety rule puts the row back and says what to do", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("ConflictException"));
    read("On", "Off");

    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "RefusedError",
      message: "a safety rule of the cluster refuses to turn the traffic to the recovery side: ConflictException!",
      hint: expect.stringContaining("See the rule in the ARC console"),
    });
    expect(await context.store.row("shop")).toMatchObject({ active: "eu-west-1", switch: 0 });
  });

  it("found turned already is done, though a rule or silence says otherwise", async () => {
    for (const name of ["ConflictException", "EndpointTemporarilyUnavailableException"]) {
      const context = await aScene({ traffic: byControls });
      cluster.on(UpdateRoutingControlStatesCommand).rejects(fault(name));
      read("Off", "On");
      expect((await reroute(input, context)).because).toContain("2 routing controls turned");
    }
  });

  it("that no endpoint can turn, or that read otherwise, is tried again by the machine", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("EndpointTemporarilyUnavailableException"));
    read("On", "Off");
    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "TransientError",
      message: expect.stringMatching(/^no endpoint of the cluster answers: .*routing control p is not Off yet/),
    });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    await expect(reroute(input, context)).rejects.toMatchObject({
      name: "TransientError",
      message: "routing control p is not Off yet, routing control r is not On yet",
    });
  });

  it("that were turned, but that nobody can read back, are told as that", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    cluster.on(GetRoutingControlStateCommand).rejects(fault("InternalServerException"));
    expect((await reroute(input, context)).because).toMatch(/; the states could not be read back$/);
  });

  it("that the caller may not turn is an error as it is", async () => {
    const context = await aScene({ traffic: byControls });
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("AccessDeniedException"));
    await expect(reroute(input, context)).rejects.toMatchObject({ name: "AccessDeniedException" });
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});
    cluster.on(GetRoutingControlStateCommand).rejects(fault("AccessDeniedException"));
    await expect(reroute(input, context)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
