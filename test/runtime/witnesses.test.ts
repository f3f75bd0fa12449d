import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeAvailabilityZonesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import { armedMinutes, aWorld, cloudWatch, ec2, error, heartbeats, messages, reset } from "../support/detect-scene.ts";

beforeEach(reset);

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
