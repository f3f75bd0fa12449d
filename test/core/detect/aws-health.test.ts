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
  ])("is closed when it was told of %s", (_case, list) => {
    expect(told(...list)).toEqual({ "arn:1": closed });
  });
  it("comes to the same in whatever order, and however often, it is told", () => {
    const updates = [0, 60, 120, 180].map((seconds) => issue({ at: ago(seconds), open: seconds % 120 !== 0 }));
    const others = [issue({ arn: "arn:2" }), issue({ arn: "arn:2", at: ago(30), open: false })];
    fc.assert(
      fc.property(fc.shuffledSubarray([...updates, ...updates, ...others], { minLength: 10 }), (list) => {
        expect(told(...list)).toEqual({ "arn:1": updates[0], "arn:2": others[1] });
      }),
    );
  });
  it("opens again with a later update", () => {
    expect(told(closed, issue({ at: ago(30) }))["arn:1"]?.open).toBe(true);
  });
  it("takes an update of the future for one of now", () => {
    expect(told(issue({ at: ago(-600) }))["arn:1"]?.at).toBe(now.toISOString());
  });
  it("forgets what was not updated for a day", () => {
    expect(told(issue({ at: ago(86_400) }))).not.toEqual({});
    expect(told(issue({ at: ago(86_401) }))).toEqual({});
  });
  it("remembers the newest fifty", () => {
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

  it("counts for every witness of its Region, and for no other Region's", () => {
    expect([isWatched(plan, wide), isWatched(plan, { ...wide, region: "eu-west-3" })]).toEqual([true, false]);
    expect(read(told(wide))).toMatchObject({
      state: "unhealthy",
      because: expect.stringContaining("MULTIPLE_SERVICES"),
    });
    expect(read(told({ ...wide, region: "eu-west-3" }))).toMatchObject({ state: "healthy" });
  });
  it("is one, in whichever Region it is delivered", () => {
    expect(Object.values(told(wide, wide, { ...wide, open: false, at: now.toISOString() }))).toMatchObject([
      { open: false },
    ]);
  });
});

describe("readHealth", () => {
  it("is unhealthy while an issue of its services is open in its Region", () => {
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
  ])("is healthy with %s", (_case, one) => {
    expect(read(told(one))).toMatchObject({ state: "healthy", because: "AWS Health knows no open issue of EC2, EBS" });
  });
  it("says nothing when every sensor through which it would hear is silent", () => {
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
  it("says nothing before a sensor was heard: where there is none, nobody would tell", () => {
    const because = "AWS Health cannot be read: the sensors of eu-west-1 and us-west-2 are silent";
    expect(read({}, {})).toMatchObject({ state: "cannot-tell", because });
    expect(read({}, { "eu-west-1": { at: ago(181), report: "" } })).toMatchObject({ state: "cannot-tell", because });
    expect(read(told(issue()), {}).state).toBe("unhealthy");
  });
});

it("knows whose issues it hears", () => {
  const plan = aPlan({ detect: { ...aPlan().detect, witnesses: [witness] } });
  expect(
    [issue(), issue({ service: "S3" }), issue({ region: "us-east-1" })].map((one) => isWatched(plan, one)),
  ).toEqual([...[true, false, false]]);
});
