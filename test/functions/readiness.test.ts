import { DescribeInstancesCommand, DescribeSecurityGroupsCommand, type Filter } from "@aws-sdk/client-ec2";
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { measureReadiness } from "../../functions/readiness/measure-readiness.ts";
import { readiness } from "../../functions/readiness.ts";
import { readinessAlarm } from "../../infra/readiness-alarm.ts";
import { aManifest, aPlan, aPoint, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { ec2, fault, reset } from "../support/preflight-scene.ts";

const sns = mockClient(SNSClient);
const [near, far] = ["eu-central-1", "eu-west-1"].map((region) => `arn:aws:sns:${region}:111122223333:lifeboat`);
const day = 86_400_000;
const hour = 3_600_000;
const held = {
  id: aRun().id,
  name: "failover-1",
  machine: "failover",
  acquiredAt: "",
  phaseBefore: "protected" as const,
};

/** An application two hours after its deployment, with a point and a proof. */
const aScene = async ({ row = aRow(), since = "2026-03-02T10:00:00.000Z" } = {}) => {
  const clock = { at: Date.parse("2026-03-02T12:00:00.000Z") };
  const plan = aPlan({ traffic: null, notify: { topics: [near!, far!], on: ["done"] } });
  const made = aContext({ now: () => new Date(clock.at) });
  made.settings.failoverMachine = "arn:aws:states:eu-central-1:111122223333:stateMachine:lifeboat-failover:live";
  const context = await withTable(made, { plan, row });
  const { store } = context;
  await store.savePlan(plan);
  await store.savePoint(aPoint());
  await store.saveManifest(aManifest());
  await store.saveProof("shop", { ...unproven(since), at: since, provenAt: since });
  const look = () => readiness({ application: "shop" }, context);
  /** What detect would publish now. */
  const notReady = async () => {
    made.told.metrics.length = 0;
    measureReadiness(context, plan, await store.watched("shop"));
    return made.told.metrics.map(({ name, value, dimensions }) => [name, value, dimensions.Application]);
  };
  return { context, clock, store, plan, look, notReady };
};
const messages = () => sns.commandCalls(PublishCommand).map(({ args }) => args[0].input.TopicArn);
const isSelection = (filters: Filter[] = []) => filters.some(({ Name }) => /^tag:(?!lifeboat)/.test(Name ?? ""));

beforeEach(() => {
  reset();
  sns.reset();
  sns.on(GetTopicAttributesCommand).resolves({ Attributes: {} });
  sns.on(PublishCommand).resolves({});
  ec2.on(DescribeInstancesCommand).callsFake(({ Filters }) => ({
    Reservations: isSelection(Filters) ? [{ Instances: [{ InstanceId: "i-0a", State: { Name: "running" } }] }] : [],
  }));
});

describe("the look whether a failover would work", () => {
  it("readiness finds no problem, and records that for the alarm and for status", async () => {
    const { look, store, notReady } = await aScene();
    expect(await look()).toEqual({ ready: true, because: [] });
    expect((await store.watched("shop")).readiness).toMatchObject({ ready: true, at: "2026-03-02T12:00:00.000Z" });
    expect(await notReady()).toEqual([]);
  });

  it("readiness names what is missing, and raises the alarm", async () => {
    ec2.on(DescribeSecurityGroupsCommand).resolves({ SecurityGroups: [] });
    const { look, store, notReady, plan } = await aScene();
    const missing = "web: security group sg-1 does not exist in eu-central-1";
    expect(await look()).toEqual({ ready: false, because: [missing] });
    expect((await store.watched("shop")).readiness).toMatchObject({ ready: false, problems: [missing] });
    expect(await notReady()).toEqual([["NotReady", 1, "shop"]]);
    const { ReadinessAlarm } = readinessAlarm(plan, [near!]).Resources;
    expect(ReadinessAlarm!.Properties).toMatchObject({
      MetricName: "NotReady",
      Namespace: "Lifeboat",
      Statistic: "Maximum",
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      EvaluationPeriods: 1,
      AlarmActions: [near],
    });
  });

  it("readiness changes nothing but its own record", async () => {
    const { context, look } = await aScene();
    const table = context.table as unknown as { items: Map<string, unknown> };
    const before = new Map(structuredClone([...table.items]));
    await look();
    const changed = [...table.items].filter(([key, item]) => JSON.stringify(item) !== JSON.stringify(before.get(key)));
    expect(changed.map(([key]) => key)).toEqual(["shop readiness"]);
  });

  it("readiness sends each topic a test message after a deployment and once a month, not each hour", async () => {
    const { look, clock, store } = await aScene();
    await look();
    expect(messages().sort()).toEqual([near, far].sort());
    clock.at += hour;
    await look();
    expect(messages()).toHaveLength(2);
    clock.at += 30 * day;
    await look();
    expect(messages()).toHaveLength(4);
    clock.at += hour;
    await store.beginProof("shop", new Date(clock.at));
    clock.at += hour;
    await look();
    expect(messages()).toHaveLength(6);
  });

  it("readiness names a topic that takes nothing, and tries it again each hour", async () => {
    sns.on(PublishCommand, { TopicArn: far }).rejects(fault("AuthorizationErrorException"));
    const { look, clock } = await aScene();
    const told = `notify: topic ${far} took no test message: AuthorizationErrorException: AuthorizationErrorException`;
    expect(await look()).toEqual({ ready: false, because: [told] });
    sns.on(PublishCommand).resolves({});
    clock.at += hour;
    expect(await look()).toEqual({ ready: true, because: [] });
    expect(messages().filter((topic) => topic === near)).toHaveLength(1);
  });

  it.each([
    ["UnauthorizedOperation", [["NotReady", 1, "shop"]]],
    ["RequestLimitExceeded", []],
  ])("readiness sends no second test message when the check fails each time by %s", async (code, rings) => {
    const { look, store, clock, notReady } = await aScene();
    await look();
    clock.at += hour;
    await store.saveProof("shop", { ...unproven(new Date(clock.at).toISOString()) });
    ec2.on(DescribeSecurityGroupsCommand).rejects(fault(code));
    clock.at += hour;
    for (let tries = 0; tries < 3; tries++) await expect(look()).rejects.toThrow(code);
    expect(messages()).toHaveLength(4);
    expect(await notReady()).toEqual(rings);
    const told = code === "UnauthorizedOperation" ? [`the readiness check failed: ${code}: ${code}`] : [];
    expect((await store.watched("shop")).readiness?.problems).toEqual(told);
  });

  it("readiness waits for the first point and the first proof of a new deployment, without an alarm; for three hours", async () => {
    const { look, store, clock, notReady } = await aScene();
    await store.removePoint(aPoint());
    await store.beginProof("shop", new Date(clock.at));
    const waits = [
      "web: no complete recovery point in eu-central-1",
      "the rights of a failover were not proven yet: the first proof comes an hour after deploy",
    ];
    expect(await look()).toEqual({ ready: false, because: waits });
    expect(await notReady()).toEqual([]);
    clock.at += 3 * hour;
    await look();
    expect(await notReady()).toEqual([["NotReady", 2, "shop"]]);
  });

  it("the alarm goes off when readiness no longer runs, or never ran", async () => {
    const { look, clock, notReady } = await aScene();
    expect(await notReady()).toEqual([]);
    clock.at += 2 * hour;
    expect(await notReady()).toEqual([["NotReady", 1, "shop"]]);
    await look();
    clock.at += 3 * hour;
    expect(await notReady()).toEqual([]);
    clock.at += 1_000;
    expect(await notReady()).toEqual([["NotReady", 1, "shop"]]);
  });

  it("readiness leaves an application that a run moves alone, and says of one that has moved that nothing protects it", async () => {
    const moving = await aScene({ row: aRow({ phase: "running", run: { ...held, points: {} } }) });
    expect(await moving.look()).toEqual({ dropped: "failover-1 is moving shop" });
    expect(await moving.notReady()).toEqual([]);
    const moved = await aScene({ row: aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 }) });
    const because = ["it is served from eu-central-1, and has no protection against the loss of that Region"];
    expect(await moved.look()).toEqual({ ready: false, because });
    expect(await moved.notReady()).toEqual([["NotReady", 1, "shop"]]);
    expect(await readiness({ application: "other" }, moved.context)).toEqual({
      dropped: "other has no plan in this Region",
    });
  });
});
