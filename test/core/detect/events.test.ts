import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent, strangerOf } from "../../../functions/core/detect/events.ts";
import type { Witness } from "../../../functions/core/model/plan.ts";
import { aPlan } from "../../support/builders.ts";

const account = "111122223333";
const event = (over: Record<string, unknown> = {}, state: Record<string, unknown> = {}) => ({
  account,
  source: "aws.cloudwatch",
  "detail-type": "CloudWatch Alarm State Change",
  region: "eu-west-1",
  detail: {
    alarmName: "errors",
    state: { value: "ALARM", reason: "crossed", timestamp: "2026-03-02T12:00:00.000+0000", ...state },
  },
  ...over,
});
/** As AWS Health writes it. [Health:aws-health-events-eventbridge-schema] */
const health = (detail: Record<string, unknown> = {}, over: Record<string, unknown> = {}) => ({
  account,
  source: "aws.health",
  "detail-type": "AWS Health Event",
  region: "us-west-2",
  time: "2026-03-02T12:00:30Z",
  detail: {
    eventArn: "arn:aws:health:eu-west-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1",
    service: "EC2",
    eventTypeCode: "AWS_EC2_OPERATIONAL_ISSUE",
    eventTypeCategory: "issue",
    statusCode: "open",
    lastUpdatedTime: "Mon, 02 Mar 2026 12:00:00 GMT",
    eventRegion: "eu-west-1",
    page: "1",
    totalPages: "1",
    ...detail,
  },
  ...over,
});
const read = (inner: unknown) => readEvent({ application: "shop", event: inner }, account);

describe("readEvent", () => {
  it("readEvent reads a tick", () => {
    expect(readEvent({ application: "shop" }, account)).toEqual({ application: "shop", change: null, issue: null });
  });
  it("readEvent reads a change of an alarm", () => {
    expect(read(event())).toEqual({
      application: "shop",
      issue: null,
      change: {
        alarm: "errors",
        region: "eu-west-1",
        state: "ALARM",
        reason: "crossed",
        at: "2026-03-02T12:00:00.000Z",
      },
    });
    expect(read(event({}, { reason: 5 }))).toMatchObject({ change: { reason: "" } });
  });
  it("readEvent reads an issue of AWS Health that comes through another Region", () => {
    expect(read(health())).toEqual({
      application: "shop",
      change: null,
      issue: {
        arn: "arn:aws:health:eu-west-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1",
        service: "EC2",
        region: "eu-west-1",
        type: "AWS_EC2_OPERATIONAL_ISSUE",
        open: true,
        at: "2026-03-02T12:00:00.000Z",
      },
    });
    const bare = health({ statusCode: "closed", lastUpdatedTime: undefined, eventTypeCode: undefined });
    expect(read(bare)).toMatchObject({ issue: { open: false, type: "", at: "2026-03-02T12:00:30.000Z" } });
  });
  it.each([
    ["an issue", { eventTypeCategory: "issue" }, true],
    ["one that is looked into", { eventTypeCategory: "investigation" }, true],
    ["one that is over", { statusCode: "closed" }, false],
    ["one that is yet to come", { statusCode: "upcoming" }, false],
    ["one of this account alone", { eventScopeCode: "ACCOUNT_SPECIFIC", affectedEntities: [] }, true],
  ])("readEvent takes %s in the words of AWS Health", (_case, detail, open) => {
    expect(read(health(detail))).toMatchObject({ issue: { open, region: "eu-west-1" } });
  });
  const noApplication = "expected { application } or { application, event } (got no application)";
  it.each([
    ["a raw event, which names no application", event()],
    ["no object", "tick"],
    ["null", null],
    ["an empty name", { application: "" }],
    ["a name that is none", { application: "#storm" }],
    ["a name as long as a novel", { application: "x".repeat(5_000) }],
  ])("readEvent drops %s", (_case, given) => {
    expect(readEvent(given, account)).toEqual({ dropped: "NotShaped", because: noApplication });
  });
  const known = "aws.cloudwatch and CloudWatch Alarm State Change, or aws.health and AWS Health Event";
  const noTexts = "expected region, detail.alarmName, detail.state.value and detail.state.timestamp as texts";
  const noHealth = "expected detail.eventArn, service, eventRegion, eventTypeCategory and statusCode as texts";
  it.each([
    [
      "another source",
      event({ source: "aws.ec2" }),
      "NotShaped",
      `expected source and type ${known} (got aws.ec2 and CloudWatch Alarm State Change)`,
    ],
    [
      "the source of one and the type of the other",
      event({ source: "aws.health" }),
      "NotShaped",
      `expected source and type ${known} (got aws.health and CloudWatch Alarm State Change)`,
    ],
    [
      "what only an application could have sent",
      event({ source: "my.own" }),
      "NotShaped",
      `expected source and type ${known} (got my.own and CloudWatch Alarm State Change)`,
    ],
    ["no event at all", null, "NotShaped", `expected source and type ${known} (got undefined and undefined)`],
    [
      "another account",
      event({ account: "999988887777" }),
      "OtherAccount",
      "account: expected 111122223333 (got 999988887777)",
    ],
    ["an account that is none", event({ account: 5 }), "OtherAccount", "account: expected 111122223333 (got number)"],
    [
      "a detail that is too large",
      event({ detail: { ...event().detail, more: "x".repeat(65_536) } }),
      "TooLarge",
      "detail: expected at most 65536 bytes",
    ],
    [
      "a detail that cannot be written down",
      event({ detail: { count: 5n } }),
      "TooLarge",
      "detail: expected at most 65536 bytes",
    ],
    ["a missing alarm", event({ detail: {} }), "NotShaped", noTexts],
    ["no detail", event({ detail: undefined }), "NotShaped", noTexts],
    ["a missing Region", event({ region: undefined }), "NotShaped", noTexts],
    ["a missing time", event({}, { timestamp: undefined }), "NotShaped", noTexts],
    [
      "a state that is none",
      event({}, { value: "RED" }),
      "NotShaped",
      "detail.state.value: expected OK, ALARM, INSUFFICIENT_DATA (got RED)",
    ],
    [
      "a time that is none",
      event({}, { timestamp: "noon" }),
      "NotShaped",
      "detail.state.timestamp: expected a time (got noon)",
    ],
    ["an issue of nothing", health({ service: undefined }), "NotShaped", noHealth],
    [
      "an issue at no time",
      health({ lastUpdatedTime: "soon" }),
      "NotShaped",
      "detail.lastUpdatedTime: expected a time (got soon)",
    ],
    [
      "a planned change",
      health({ eventTypeCategory: "scheduledChange" }),
      "UnknownIssue",
      "expected an issue that is open, closed or upcoming (got scheduledChange, open)",
    ],
    [
      "a note to the account",
      health({ eventTypeCategory: "accountNotification" }),
      "UnknownIssue",
      "expected an issue that is open, closed or upcoming (got accountNotification, open)",
    ],
    [
      "a state that AWS Health does not have",
      health({ statusCode: "resolved" }),
      "UnknownIssue",
      "expected an issue that is open, closed or upcoming (got issue, resolved)",
    ],
  ])("readEvent drops %s", (_case, inner, dropped, because) => {
    expect(read(inner)).toEqual({ dropped, because });
  });
  it("readEvent does not ask for the account where it is not known, nor where the event names none", () => {
    expect(readEvent({ application: "shop", event: event({ account: "999988887777" }) }, null)).toHaveProperty(
      "change",
    );
    expect(read(event({ account: undefined }))).toHaveProperty("change");
  });
  it("readEvent drops or reads whatever comes, and never throws", () => {
    const parts = fc.record({ source: fc.constantFrom("aws.cloudwatch", "aws.health"), detail: fc.anything() });
    const inner = fc.oneof(
      fc.anything(),
      parts,
      parts.map((part) => ({ ...event(), ...part })),
      parts.map((part) => ({ ...health(), ...part })),
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ application: fc.constant("shop"), event: inner })), (given) => {
        const seen = readEvent(given, account);
        expect("dropped" in seen ? seen.because !== "" : typeof seen.application === "string").toBe(true);
      }),
    );
  });
});

describe("strangerOf", () => {
  const witnesses: Witness[] = [
    { name: "errors", kind: "alarm", alarm: "errors", region: "eu-west-1" },
    { name: "route53", kind: "healthCheck", healthCheck: "id", text: "_lifeboat", zone: "Z" },
    { name: "aws", kind: "awsHealth", services: ["EC2"], region: "eu-west-1" },
  ];
  const plan = aPlan({ detect: { ...aPlan().detect, witnesses } });
  const change = { alarm: "errors", region: "eu-west-1", state: "OK", reason: "", at: "2026-03-02T12:00:00.000Z" };
  const issue = { arn: "a", service: "EC2", region: "eu-west-1", type: "", open: true, at: change.at };
  it.each([
    ["a tick", null, null],
    ["the alarm of a witness", change, null],
    [
      "the alarm of a health check, which only makes it look",
      { ...change, alarm: "lifeboat-check-shop-route53", region: "us-east-1" },
      null,
    ],
    ["an issue that a witness listens to", null, issue],
  ])("strangerOf knows %s", (_case, told, issued) => {
    expect(strangerOf(plan, told, issued)).toBeNull();
  });
  it.each([
    ["another alarm", { ...change, alarm: "other" }, "other in eu-west-1 is no witness of shop"],
    ["the alarm in another Region", { ...change, region: "us-east-1" }, "errors in us-east-1 is no witness of shop"],
    [
      "another's health check",
      { ...change, alarm: "lifeboat-check-shop-x", region: "us-east-1" },
      "lifeboat-check-shop-x in us-east-1 is no witness of shop",
    ],
  ])("strangerOf does not know %s", (_case, told, because) => {
    expect(strangerOf(plan, told, null)).toEqual({ dropped: "UnknownAlarm", because });
  });
  it("strangerOf does not know the issue of another service", () => {
    const because = "no witness of shop listens to issues of S3 in eu-west-1";
    expect(strangerOf(plan, null, { ...issue, service: "S3" })).toEqual({ dropped: "UnknownIssue", because });
  });
});
