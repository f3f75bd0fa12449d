import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { beforeEach, describe, expect, it } from "vitest";
import type { Witness } from "../../functions/core/model/plan.ts";
import { armedMinutes, aWorld, cloudWatch, error, heartbeats, reset, started } from "../support/detect-scene.ts";

beforeEach(reset);

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
  it("detect lets a fresh event stand in for an alarm whose Region does not answer", async () => {
    const { tick, evidence } = await aWorld();
    cloudWatch.on(DescribeAlarmsCommand).rejects(error("TimeoutError"));
    await tick(change());
    expect((await evidence())?.votes.errors).toMatchObject({ state: "unhealthy", because: "ALARM: 5xx" });
  });
  it("detect counts the level, not a late event", async () => {
    const { tick, evidence } = await aWorld();
    await tick(change());
    expect((await evidence())?.votes.errors?.state).toBe("healthy");
  });
  it("detect counts an event once when it comes three times, and ignores an older one that comes later", async () => {
    const { tick, evidence, world } = await aWorld();
    cloudWatch.on(DescribeAlarmsCommand).rejects(error("TimeoutError"));
    world.seconds = 30;
    await tick(change());
    const first = (await evidence())?.votes.errors;
    for (const late of [change(), change(), change()]) {
      world.seconds += 1;
      await tick(late);
    }
    const before = change();
    before.event.detail = {
      ...before.event.detail,
      state: { value: "OK", reason: "", timestamp: "2026-03-02T11:59:50.000+0000" },
    };
    await tick(before);
    expect((await evidence())?.votes.errors).toMatchObject({ state: "unhealthy", at: first?.at, since: first?.since });
  });
  it("detect sees an alarm that was red before the first deployment, and does not fire", async () => {
    const { minutes, die, evidence } = await aWorld();
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: "errors", StateValue: "ALARM" }] });
    await minutes(1);
    expect((await evidence())?.votes.errors?.state).toBe("unhealthy");
    die();
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: "errors", StateValue: "ALARM" }] });
    expect((await minutes(10)).decision).toMatchObject({ action: "hold", code: "NotArmed" });
    expect(started()).toEqual([]);
  });
  it("detect evaluates at once when the alarm of a health check changes, and takes the TXT pair for the vote", async () => {
    const check: Witness = {
      name: "route53",
      kind: "healthCheck",
      healthCheck: "id",
      text: "_lifeboat-shop.example.com",
      zone: "Z",
    };
    const { tick, evidence, world } = await aWorld({ witnesses: [check] });
    world.txt = { values: ["healthy"] };
    const nudge = change({ region: "us-east-1" });
    nudge.event.detail.alarmName = "lifeboat-check-shop-route53";
    await tick(nudge);
    expect((await evidence())?.votes.route53?.state).toBe("healthy");
    world.txt = { values: ["unhealthy"] };
    await tick(nudge);
    expect((await evidence())?.votes.route53).toMatchObject({ state: "unhealthy" });
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
      "a foreign account",
      change({ account: "999988887777" }),
      "account: expected 111122223333 (got 999988887777)",
      "OtherAccount",
    ],
    [
      "a detail of a hundred kilobytes",
      change({ detail: { alarmName: "x".repeat(100_000) } }),
      "detail: expected at most 65536 bytes",
      "TooLarge",
    ],
    [
      "an alarm that is no witness",
      change({ region: "us-east-1" }),
      "errors in us-east-1 is no witness of shop",
      "UnknownAlarm",
    ],
  ])("detect drops %s, with a metric and a reason", async (_case, event, because, Reason) => {
    const { tick, context } = await aWorld();
    context.settings = {
      ...context.settings,
      failoverMachine: "arn:aws:states:eu-central-1:111122223333:stateMachine:x",
      answerMachine: "",
    };
    expect(await tick(event)).toEqual({ dropped: because });
    expect(context.told.metrics).toEqual([{ name: "DroppedEvents", value: 1, dimensions: { Reason } }]);
    expect(heartbeats()).toEqual([]);
  });
});

describe("detect and AWS Health", () => {
  const aws: Witness = { name: "aws", kind: "awsHealth", services: ["EC2"], region: "eu-west-1" };
  const issue = (statusCode: string, minute: number, over: Record<string, unknown> = {}) => ({
    application: "shop",
    event: {
      source: "aws.health",
      "detail-type": "AWS Health Event",
      region: "us-west-2",
      account: "111122223333",
      detail: {
        eventArn: "arn:aws:health:eu-west-1::event/EC2/X/1",
        service: "EC2",
        eventRegion: "eu-west-1",
        eventTypeCode: "AWS_EC2_OPERATIONAL_ISSUE",
        eventTypeCategory: "issue",
        statusCode,
        lastUpdatedTime: `Mon, 02 Mar 2026 12:${String(minute).padStart(2, "0")}:00 GMT`,
        ...over,
      },
    },
  });
  it("detect remembers an issue until it is closed, whatever comes late", async () => {
    const { tick, minutes, evidence, context } = await aWorld({ witnesses: [aws] });
    const state = async () => (await evidence())?.votes.aws?.state;
    await minutes(11);
    await tick(issue("open", 10));
    expect(await state()).toBe("unhealthy");
    await minutes(5);
    expect(await state()).toBe("unhealthy");
    await context.store.saveSensorReport("shop", { region: "us-west-2", at: context.now().toISOString(), probes: {} });
    await tick(issue("closed", 14));
    await tick(issue("open", 12));
    expect(await state()).toBe("healthy");
  });
  it("AWS Health is a regional witness: with the canary it is enough", async () => {
    const { tick, minutes, world } = await aWorld({ witnesses: [aws] });
    await minutes(armedMinutes);
    world.canary = { error: "ETIMEDOUT" };
    await tick(issue("open", 11));
    expect((await minutes(4)).decision).toMatchObject({ action: "act" });
    expect(started()).toHaveLength(1);
  });
  it("detect drops an issue that no witness listens to", async () => {
    const { tick, context } = await aWorld({ witnesses: [aws] });
    const because = "no witness of shop listens to issues of S3 in eu-west-1";
    expect(await tick(issue("open", 0, { service: "S3" }))).toEqual({ dropped: because });
    expect(context.told.metrics).toEqual([{ name: "DroppedEvents", value: 1, dimensions: { Reason: "UnknownIssue" } }]);
  });
});
