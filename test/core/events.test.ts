import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWitness, readEvent } from "../../functions/core/events.ts";
import { aPlan } from "../support/builders.ts";

const event = (over: Record<string, unknown> = {}, state: Record<string, unknown> = {}) => ({
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm State Change",
  region: "eu-west-1",
  detail: {
    alarmName: "errors",
    state: { value: "ALARM", reason: "crossed", timestamp: "2026-03-02T12:00:00.000+0000", ...state },
  },
  ...over,
});

describe("readEvent", () => {
  it("reads a tick", () => {
    expect(readEvent({ application: "shop" })).toEqual({ application: "shop", change: null });
  });
  it("reads a change of an alarm", () => {
    expect(readEvent({ application: "shop", event: event() })).toEqual({
      application: "shop",
      change: {
        alarm: "errors",
        region: "eu-west-1",
        state: "ALARM",
        reason: "crossed",
        at: "2026-03-02T12:00:00.000Z",
      },
    });
    expect(readEvent({ application: "shop", event: event({}, { reason: 5 }) })).toMatchObject({
      change: { reason: "" },
    });
  });
  it.each([
    [
      "a raw event, which names no application",
      event(),
      "expected { application } or { application, event } (got no application)",
    ],
    ["no object", "tick", "expected { application } or { application, event } (got no application)"],
    ["null", null, "expected { application } or { application, event } (got no application)"],
    ["an empty name", { application: "" }, "expected { application } or { application, event } (got no application)"],
    [
      "another source",
      { application: "shop", event: event({ source: "aws.ec2" }) },
      "expected source aws.cloudwatch and type CloudWatch Alarm State Change (got aws.ec2 and CloudWatch Alarm State Change)",
    ],
    [
      "no event at all",
      { application: "shop", event: null },
      "expected source aws.cloudwatch and type CloudWatch Alarm State Change (got undefined and undefined)",
    ],
    [
      "a missing alarm",
      { application: "shop", event: event({ detail: {} }) },
      "expected region, detail.alarmName, detail.state.value and detail.state.timestamp as texts",
    ],
    [
      "a time that is none",
      { application: "shop", event: event({}, { timestamp: "noon" }) },
      "detail.state.timestamp: expected a time (got noon)",
    ],
  ])("drops %s", (_case, given, because) => {
    expect(readEvent(given)).toEqual({ dropped: "NotShaped", because });
  });
  it("drops or reads whatever comes, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ application: fc.string(), event: fc.anything() })), (given) => {
        const read = readEvent(given);
        expect("dropped" in read || typeof read.application === "string").toBe(true);
      }),
    );
  });
});

describe("isWitness", () => {
  const witness = { name: "errors", kind: "alarm" as const, alarm: "errors", region: "eu-west-1" };
  const plan = aPlan({ detect: { ...aPlan().detect, witnesses: [witness] } });
  const change = { alarm: "errors", region: "eu-west-1", state: "OK", reason: "", at: "2026-03-02T12:00:00.000Z" };
  it.each([
    [change, true],
    [{ ...change, alarm: "other" }, false],
    [{ ...change, region: "us-east-1" }, false],
  ])("%j: %s", (given, expected) => {
    expect(isWitness(plan, given)).toBe(expected);
  });
});
