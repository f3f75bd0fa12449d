import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HealthIssue, isWatched, keepIssues, readHealth } from "../../../functions/core/detect/aws-health.ts";
import type { Heartbeat } from "../../../functions/core/detect/heartbeat.ts";
import { aPlan } from "../../support/builders.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000).toISOString();
const issue = (over: Partial<HealthIssue> = {}): HealthIssue => ({
  arn: "arn:1",
  service: "EC2",
  region: "eu-west-1",
  type: "AWS_EC2_OPERATIONAL_ISSUE",
  open: true,
  at: ago(60),
  ...over,
});
const witness = { name: "aws", kind: "awsHealth" as const, services: ["EC2", "EBS"], region: "eu-west-1" };
/** The issues that are left of these, told in this order. */
const told = (...list: HealthIssue[]) =>
  list.reduce<Record<string, HealthIssue>>((kept, one) => keepIssues(kept, one, now), {});
const heardNow = { "us-west-2": { at: ago(60), report: "" } };
const read = (
  issues: Record<string, HealthIssue>,
  heard: Record<string, Heartbeat> = heardNow,
  home = "eu-central-1",
) => readHealth(witness, issues, heard, home, now);

describe("keepIssues", () => {
  const [open, closed] = [issue({ at: ago(120) }), issue({ open: false, at: ago(60) })];
  it.each([
    ["in order", [open, closed]],
    ["out of order", [closed, open]],
    ["twice", [open, closed, open, closed, open]],
    ["both with the same time", [closed, issue({ at: ago(60) })]],
  ])("keepIssues closes an issue that came with %s", (_case, list) => {
    expect(told(...list)).toEqual({ "arn:1": closed });
  });
  it("keepIssues gives the same result in whatever order, and however often, updates come", () => {
    const updates = [0, 60, 120, 180].map((seconds) => issue({ at: ago(seconds), open: seconds % 120 !== 0 }));
    const others = [issue({ arn: "arn:2" }), issue({ arn: "arn:2", at: ago(30), open: false })];
    fc.assert(
      fc.property(fc.shuffledSubarray([...updates, ...updates, ...others], { minLength: 10 }), (list) => {
        expect(told(...list)).toEqual({ "arn:1": updates[0], "arn:2": others[1] });
      }),
    );
  });
  it("keepIssues opens an issue again with a later update", () => {
    expect(told(closed, issue({ at: ago(30) }))["arn:1"]?.open).toBe(true);
  });
  it("keepIssues takes an update of the future for one of now", () => {
    expect(told(issue({ at: ago(-600) }))["arn:1"]?.at).toBe(now.toISOString());
  });
  it("keepIssues forgets an issue that was not updated for a day", () => {
    expect(told(issue({ at: ago(86_400) }))).not.toEqual({});
    expect(told(issue({ at: ago(86_401) }))).toEqual({});
  });
  it("keepIssues keeps the newest fifty issues", () => {
    const many = Array.from({ length: 60 }, (_, nth) => issue({ arn: `arn:${nth}`, at: ago(nth) }));
    const kept = told(...many);
    expect(Object.keys(kept)).toHaveLength(50);
    expect(kept).toHaveProperty("arn:0");
  });
});

describe("an issue of many services at once", () => {
  const wide = issue({ service: "MULTIPLE_SERVICES", type: "AWS_MULTIPLE_SERVICES_OPERATIONAL_ISSUE" });
  const plan = aPlan();
  plan.detect.witnesses.push(witness);

  it("an issue of many services counts for every witness of its Region, and for no other Region's", () => {
    expect([isWatched(plan, wide), isWatched(plan, { ...wide, region: "eu-west-3" })]).toEqual([true, false]);
    expect(read(told(wide))).toMatchObject({
      state: "unhealthy",
      because: expect.stringContaining("MULTIPLE_SERVICES"),
    });
    expect(read(told({ ...wide, region: "eu-west-3" }))).toMatchObject({ state: "healthy" });
  });
  it("an issue of many services is one issue, in whichever Region it is delivered", () => {
    expect(Object.values(told(wide, wide, { ...wide, open: false, at: now.toISOString() }))).toMatchObject([
      { open: false },
    ]);
  });
});

describe("readHealth", () => {
  it("a witness of AWS Health is unhealthy while an issue of its services is open in its Region", () => {
    expect(read(told(issue()))).toEqual({
      state: "unhealthy",
      silent: false,
      because: `AWS Health: EC2: AWS_EC2_OPERATIONAL_ISSUE, last updated at ${ago(60)}`,
    });
    expect(read(told(issue({ type: "" }))).because).toBe(`AWS Health: EC2: an issue, last updated at ${ago(60)}`);
  });
  it.each([
    ["another service", issue({ service: "S3" })],
    ["another Region", issue({ region: "us-east-1" })],
    ["a closed one", issue({ open: false })],
  ])("a witness of AWS Health is healthy with %s", (_case, one) => {
    expect(read(told(one))).toMatchObject({ state: "healthy", because: "AWS Health knows no open issue of EC2, EBS" });
  });
  it("a witness of AWS Health cannot tell when every sensor that would report an issue is silent", () => {
    const heard = (first: number, second: number) => ({
      "eu-west-1": { at: ago(first), report: "" },
      "us-west-2": { at: ago(second), report: "" },
    });
    expect(read({}, heard(181, 181))).toMatchObject({
      state: "cannot-tell",
      because: "AWS Health cannot be read: the sensors of eu-west-1 and us-west-2 are silent",
    });
    expect(read({}, heard(181, 180)).state).toBe("healthy");
    expect(read({}, heard(181, 181), "us-west-2").state).toBe("healthy");
    expect(read({}, {}, "us-west-2").state).toBe("healthy");
    expect(read(told(issue()), heard(900, 900)).state).toBe("unhealthy");
  });
  it("a witness of AWS Health cannot tell before a sensor has reported", () => {
    const because = "AWS Health cannot be read: the sensors of eu-west-1 and us-west-2 are silent";
    expect(read({}, {})).toMatchObject({ state: "cannot-tell", because });
    expect(read({}, { "eu-west-1": { at: ago(181), report: "" } })).toMatchObject({ state: "cannot-tell", because });
    expect(read(told(issue()), {}).state).toBe("unhealthy");
  });
});

it("a witness of AWS Health counts the issues of its Region and services only", () => {
  const plan = aPlan({ detect: { ...aPlan().detect, witnesses: [witness] } });
  expect(
    [issue(), issue({ service: "S3" }), issue({ region: "us-east-1" })].map((one) => isWatched(plan, one)),
  ).toEqual([...[true, false, false]]);
});
