import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeAvailabilityZonesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Evidence } from "../../functions/core/evidence.ts";
import type { Detect } from "../../functions/core/plan.ts";
import type { Row } from "../../functions/core/row.ts";
import { detect } from "../../functions/detect.ts";
import type { HttpAnswer } from "../../functions/runtime/context.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const cloudWatch = mockClient(CloudWatchClient);
const states = mockClient(SFNClient);
const sns = mockClient(SNSClient);
const error = (name: string) => Object.assign(new Error("no answer"), { name });
beforeEach(() => {
  for (const mock of [ec2, cloudWatch, states, sns]) mock.reset();
  ec2.on(DescribeAvailabilityZonesCommand).resolves({ AvailabilityZones: [{ ZoneName: "eu-west-1a" }] });
  cloudWatch.on(PutMetricDataCommand).resolves({});
  cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: "errors", StateValue: "OK" }] });
  states.on(StartExecutionCommand).resolves({ executionArn: "arn:started" });
  sns.on(PublishCommand).resolves({});
});

const topic = "arn:aws:sns:eu-central-1:111122223333:lifeboat";
const alarm = { name: "errors", kind: "alarm" as const, alarm: "errors", region: "eu-west-1" };

/** One application over the minutes: a clock that goes on, a canary that is up or down, a Region that answers or not. */
const aWorld = async (over: { detect?: Partial<Detect>; row?: Row; topics?: string[] } = {}) => {
  const base = aPlan().detect;
  const plan = aPlan({
    detect: { ...base, witnesses: [alarm, ...base.witnesses], ...over.detect },
    notify: { topics: over.topics ?? [topic], on: ["decision", "hold", "done", "rpo"] },
  });
  const world = { seconds: 0, canary: { status: 200, body: "" } as HttpAnswer };
  const context = await withTable(
    aContext({
      now: () => new Date(Date.parse("2026-03-02T12:00:00.000Z") + world.seconds * 1_000),
      net: { http: async () => world.canary, resolve: async () => ({ error: "ENOTFOUND" }) },
    }),
    { plan, row: over.row ?? aRow() },
  );
  await context.store.savePlan(plan);
  const tick = (event: unknown = { application: "shop" }) => detect(event, context);
  const minutes = async (count: number) => {
    let last: Awaited<ReturnType<typeof tick>> = { dropped: "no tick" };
    for (let minute = 0; minute < count; minute++) {
      last = await tick();
      world.seconds += 60;
    }
    return last as Exclude<typeof last, { dropped: string }>;
  };
  const die = () => {
    world.canary = { error: "ETIMEDOUT" };
    ec2.on(DescribeAvailabilityZonesCommand).rejects(error("TimeoutError"));
    cloudWatch.on(DescribeAlarmsCommand).rejects(error("TimeoutError"));
  };
  const evidence = () => context.store.evidence<Evidence>("shop");
  return { context, world, tick, minutes, die, evidence };
};
const armedMinutes = 11;
const heartbeats = () =>
  cloudWatch.commandCalls(PutMetricDataCommand).map(({ args: [{ input }] }) => input.MetricData?.[0]?.Value);
const started = () => states.commandCalls(StartExecutionCommand).map(({ args: [{ input }] }) => input);
const messages = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Subject);

describe("detect while all is well", () => {
  it("sees green, arms after it was sustained, does nothing", async () => {
    const { minutes, evidence } = await aWorld();
    expect(await minutes(armedMinutes)).toEqual({
      decision: {
        action: "none",
        code: "Healthy",
        because: "3 of 3 witnesses are healthy",
        at: "2026-03-02T12:10:00.000Z",
      },
      verdict: expect.objectContaining({ code: "Healthy", since: "2026-03-02T12:00:00.000Z" }),
    });
    expect(await evidence()).toMatchObject({
      greenSince: "2026-03-02T12:00:00.000Z",
      armedAt: "2026-03-02T12:10:00.000Z",
      incident: null,
    });
    expect(started()).toEqual([]);
    expect(messages()).toEqual([]);
  });
  it("publishes the switch of the row each minute", async () => {
    const { minutes } = await aWorld({ row: aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 }) });
    await minutes(2);
    expect(heartbeats()).toEqual([1, 1]);
  });
  it("goes on when the heartbeat cannot be published", async () => {
    const { minutes, context } = await aWorld();
    cloudWatch.on(PutMetricDataCommand).rejects(error("AccessDenied"));
    expect((await minutes(1)).decision.code).toBe("Healthy");
    expect(context.told.logs.join()).toContain("heartbeat not published");
  });
});

describe("detect when the Region dies", () => {
  it("starts one run, named by its incident, once the verdict was sustained", async () => {
    const { minutes, die, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    expect((await minutes(3)).decision).toMatchObject({ action: "hold", code: "Degraded" });
    expect(started()).toEqual([]);

    const { decision, verdict } = await minutes(1);
    const because =
      "2 of 3 witnesses are unhealthy (canary: no answer (ETIMEDOUT); region: TimeoutError: no answer) for 180 s; 2 needed, 1 of them regional for 180 s";
    expect(decision).toEqual({ action: "act", code: "RegionUnhealthy", because, at: "2026-03-02T12:14:00.000Z" });
    expect(verdict.firstFailingAt).toBe("2026-03-02T12:11:00.000Z");
    const [input, ...others] = started();
    expect(others).toEqual([]);
    expect(input).toMatchObject({ stateMachineArn: "arn:failover", name: "failover-shop-20260302T1211Z" });
    expect(JSON.parse(input?.input ?? "")).toEqual({
      application: "shop",
      incident: {
        id: "20260302T1211Z",
        firstFailingAt: "2026-03-02T12:11:00.000Z",
        decidedAt: "2026-03-02T12:14:00.000Z",
        because,
      },
    });
    expect((await evidence())?.incident?.answeredAt).toBe("2026-03-02T12:14:00.000Z");
    expect(messages()).toEqual(["Lifeboat: shop: act RegionUnhealthy"]);
  });
  it("answers an incident once, also when the run has failed since", async () => {
    const { minutes, die } = await aWorld();
    await minutes(armedMinutes);
    die();
    expect((await minutes(10)).decision).toMatchObject({ action: "hold", code: "AlreadyAnswered" });
    expect(started()).toHaveLength(1);
    expect(messages()).toHaveLength(1);
  });
  it("takes a run that was started before for an answer, and tells nobody twice", async () => {
    const { minutes, die, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    states.on(StartExecutionCommand).rejects(error("ExecutionAlreadyExists"));
    await minutes(4);
    expect((await evidence())?.incident?.answeredAt).toBe("2026-03-02T12:14:00.000Z");
    expect(messages()).toEqual([]);
  });
  it("asks for the same run again when the start failed, and the heartbeat goes on", async () => {
    const { minutes, die, tick, world, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    states.on(StartExecutionCommand).rejectsOnce(error("ThrottlingException")).resolves({});
    const before = heartbeats().length;
    await expect(tick()).rejects.toThrow("no answer");
    expect(heartbeats()).toHaveLength(before + 1);
    expect((await evidence())?.incident).toMatchObject({ id: "20260302T1211Z", answeredAt: null });
    world.seconds += 60;
    await tick();
    expect(started().map(({ name }) => name)).toEqual(["failover-shop-20260302T1211Z", "failover-shop-20260302T1211Z"]);
  });
  it("says once that it would act, were it armed", async () => {
    const { minutes, die } = await aWorld();
    die();
    expect((await minutes(6)).decision).toMatchObject({ action: "hold", code: "NotArmed" });
    expect(started()).toEqual([]);
    expect(messages()).toEqual(["Lifeboat: shop: hold NotArmed"]);
  });
  it("writes each new decision into the ledger once", async () => {
    const { minutes, die, context } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(6);
    const entries = await context.store.ledger("shop", "detect");
    expect(entries.map(({ subject, outcome }) => `${outcome} ${subject}`)).toEqual([
      "none Healthy",
      "hold Degraded",
      "act RegionUnhealthy",
      "hold AlreadyAnswered",
    ]);
  });
  it("leaves alone what a run is moving", async () => {
    const lease = {
      id: "arn",
      name: "run-1",
      machine: "failover",
      acquiredAt: "",
      phaseBefore: "protected" as const,
      points: {},
    };
    const { minutes, die } = await aWorld({ row: aRow({ run: lease, phase: "running" }) });
    die();
    expect((await minutes(6)).decision).toMatchObject({ action: "none", code: "RunInProgress" });
  });
});

describe("detect in the mode notify", () => {
  const notify = { action: "notify" as const };
  it("tells a person once, and starts nothing", async () => {
    const { minutes, die } = await aWorld({ detect: notify });
    await minutes(armedMinutes);
    die();
    await minutes(6);
    expect(started()).toEqual([]);
    expect(messages()).toEqual(["Lifeboat: shop: notify RegionUnhealthy"]);
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message).toContain(
      'To fail over, start the failover machine with { "application": "shop" }.',
    );
  });
  it("tries again while no topic took the message", async () => {
    const { minutes, die, evidence } = await aWorld({ detect: notify });
    await minutes(armedMinutes);
    die();
    sns.on(PublishCommand).rejects(error("TimeoutError"));
    await minutes(5);
    expect((await evidence())?.incident?.answeredAt).toBeNull();
    sns.on(PublishCommand).resolves({});
    await minutes(1);
    expect((await evidence())?.incident?.answeredAt).not.toBeNull();
  });
  it("is answered when there is no topic at all", async () => {
    const { minutes, die, evidence } = await aWorld({ detect: notify, topics: [] });
    await minutes(armedMinutes);
    die();
    await minutes(4);
    expect((await evidence())?.incident?.answeredAt).not.toBeNull();
  });
});

describe("detect and its witnesses", () => {
  it("does not fail over for a bad release: no regional witness is red", async () => {
    const { minutes, world } = await aWorld();
    await minutes(armedMinutes);
    world.canary = { status: 503, body: "" };
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: "errors", StateValue: "ALARM" }] });
    expect((await minutes(6)).decision).toMatchObject({ action: "hold", code: "ApplicationUnhealthy" });
    expect(messages()).toEqual(["Lifeboat: shop: hold ApplicationUnhealthy"]);
  });
  it("holds what an alarm said before its Region fell silent", async () => {
    const { minutes, evidence } = await aWorld();
    cloudWatch.on(DescribeAlarmsCommand).resolves({ CompositeAlarms: [{ AlarmName: "errors", StateValue: "ALARM" }] });
    await minutes(1);
    cloudWatch.on(DescribeAlarmsCommand).rejects(error("TimeoutError"));
    await minutes(2);
    expect((await evidence())?.votes.errors).toMatchObject({ state: "unhealthy", at: "2026-03-02T12:00:00.000Z" });
  });
  it("takes a throttled API for no evidence", async () => {
    ec2.on(DescribeAvailabilityZonesCommand).rejects(error("RequestLimitExceeded"));
    const { minutes, evidence } = await aWorld();
    await minutes(1);
    expect((await evidence())?.votes.region?.state).toBe("cannot-tell");
  });
});

describe("detect and events", () => {
  const change = (over: Record<string, unknown> = {}) => ({
    application: "shop",
    event: {
      source: "aws.cloudwatch",
      "detail-type": "CloudWatch Alarm State Change",
      region: "eu-west-1",
      detail: {
        alarmName: "errors",
        state: { value: "ALARM", reason: "5xx", timestamp: "2026-03-02T12:00:00.000+0000" },
      },
      ...over,
    },
  });
  it("lets a fresh event stand in for an alarm whose Region does not answer", async () => {
    const { tick, evidence } = await aWorld();
    cloudWatch.on(DescribeAlarmsCommand).rejects(error("TimeoutError"));
    await tick(change());
    expect((await evidence())?.votes.errors).toMatchObject({ state: "unhealthy", because: "ALARM: 5xx" });
  });
  it("counts the level, not a late event", async () => {
    const { tick, evidence } = await aWorld();
    await tick(change());
    expect((await evidence())?.votes.errors?.state).toBe("healthy");
  });
  it.each([
    [
      "what is not ours",
      { hello: "world" },
      "expected { application } or { application, event } (got no application)",
      "NotShaped",
    ],
    ["an unknown application", { application: "shopp" }, "shopp has no plan in this Region", "UnknownApplication"],
    [
      "an alarm that is no witness",
      change({ region: "us-east-1" }),
      "errors in us-east-1 is no witness of shop",
      "UnknownAlarm",
    ],
  ])("drops %s, with a metric and a reason", async (_case, event, because, Reason) => {
    const { tick, context } = await aWorld();
    expect(await tick(event)).toEqual({ dropped: because });
    expect(context.told.metrics).toEqual([{ name: "DroppedEvents", value: 1, dimensions: { Reason } }]);
    expect(heartbeats()).toEqual([]);
  });
});
