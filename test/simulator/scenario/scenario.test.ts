import { describe, expect, it } from "vitest";
import { toScenario } from "../../../simulator/scenario/scenario.ts";
import { pairPlan } from "../../support/pair.ts";

const plan = pairPlan();
const nothingElse = { operations: [], events: [], applications: [] };
const read = (document: unknown) => toScenario(document, "mine.yml", plan);
const withFault = (fault: object) => read({ name: "mine", faults: [fault] });

describe("a scenario", () => {
  it("a scenario says what goes wrong and when, in seconds from time 0", () => {
    expect(
      read({ name: "mine", until: "90m", faults: [{ at: "-10m", for: "2h", fault: "throttle", rate: 0.5 }] }),
    ).toEqual({
      name: "mine",
      until: 5_400,
      detect: "on",
      faults: [{ at: -600, for: 7_200, fault: "throttle", operation: "*", rate: 0.5 }],
      ...nothingElse,
    });
  });

  it("a scenario needs no more than a name: nothing goes wrong then, for six hours", () => {
    expect(read({ name: "calm" })).toEqual({ name: "calm", until: 21_600, detect: "on", faults: [], ...nothingElse });
  });

  it.each([
    ["primary", "eu-west-1"],
    ["recovery", "eu-central-1"],
    ["us-east-1", "us-east-1"],
  ])("puts the plan's Region in the place of %s", (word, region) => {
    expect(withFault({ fault: "region-down", region: word }).faults).toEqual([{ at: 0, fault: "region-down", region }]);
  });

  it.each([
    { fault: "region-down", region: "primary" },
    { fault: "link-down", from: "primary", to: "recovery" },
    { fault: "link-down", from: "us-east-1", to: "recovery", both: true },
    { fault: "control-plane-down", services: ["Route 53", "IAM"] },
    { fault: "brown-out", services: ["DynamoDB", "Lambda", "Step Functions"], region: "recovery" },
    { fault: "brown-out", services: ["Route 53"], error: "throttled" },
    { fault: "verification-pending" },
    { fault: "copies-deleted", newest: 1 },
    { fault: "group-deleted" },
    { fault: "forged-metric", value: 1 },
    { fault: "api-error", operation: "EC2.RunInstances", error: "InternalError", rate: 0.5 },
    { fault: "api-error", operation: "RunInstances", error: "InternalError", count: 2 },
    { fault: "throttle", operation: "CopySnapshot", rate: 1 },
    { fault: "lost-response", operation: "CreateSnapshots", rate: 0.1 },
    { fault: "slow-copy", factor: 6 },
    { fault: "copy-error", rate: 0.2 },
    { fault: "copy-quota", limit: 2 },
    { fault: "snapshot-error", rate: 0.1 },
    { fault: "volume-deleted" },
    { fault: "volume-deleted", count: 3 },
    { fault: "key-disabled" },
    { fault: "key-denied", region: "recovery", key: "alias/lifeboat" },
    { fault: "alias-moved", alias: "alias/lifeboat" },
    { fault: "token-buckets", share: 0.5 },
    { fault: "right-missing", action: "ec2:RunInstances", region: "recovery" },
    { fault: "no-capacity", types: ["same"], zones: ["eu-central-1a"] },
    { fault: "no-capacity" },
    { fault: "stop-protected", rate: 0.5 },
    { fault: "slow-shutdown", by: "10m" },
    { fault: "duplicate-events" },
    { fault: "late-events", by: "5m" },
    { fault: "lost-events", rate: 0.3 },
    { fault: "lambda-crash", step: "Copy", operation: "CopySnapshot", nth: 2, when: "before", count: 3 },
    { fault: "lambda-crash", step: "Copy" },
    { fault: "witness", name: "page", state: "cannot-tell" },
    { fault: "witness", name: "page", state: "healthy", application: "pair" },
    { fault: "api-error", operation: "EC2.StopInstances", error: "InternalError", region: "primary" },
    { fault: "health-issue", region: "primary", services: ["EC2", "EBS"] },
    { fault: "zone-edit", name: "pair.example.com", values: ["192.0.2.99"] },
    { fault: "zone-edit", name: "pair.example.com", type: "AAAA", set: "primary", values: ["2001:db8::1"] },
    { fault: "clock-skew", region: "us-east-1", by: "-3m" },
    { fault: "clock-skew", by: "90s" },
  ])("may hold $fault", (fault) => {
    expect(withFault({ at: "1m", for: "5m", ...fault }).faults).toHaveLength(1);
  });
});

describe("what else a scenario may hold", () => {
  it("a scenario may also hold what people do, at a time and with an input", () => {
    const operations = [
      { at: "-5m", do: "pause" },
      { at: "2m", do: "approve", input: { by: "ann" }, application: "pair" },
    ];
    expect(read({ name: "mine", operations }).operations).toEqual([
      { at: -300, do: "pause", input: {} },
      { at: 120, do: "approve", input: { by: "ann" }, application: "pair" },
    ]);
  });

  it("a scenario may also hold events as AWS delivers them, or anything at all for detect", () => {
    const events = [
      { at: "1m", event: { source: "aws.health" } },
      { event: "nonsense", raw: true },
    ];
    expect(read({ name: "mine", events }).events).toEqual([
      { at: 60, event: { source: "aws.health" }, raw: false },
      { at: 0, event: "nonsense", raw: true },
    ]);
  });

  it("a scenario may also hold further applications, many at once, their Regions in turn", () => {
    const applications = [
      { application: "blog", priority: 1, recovery: "recovery", action: "approve" },
      { application: "wiki", count: 3, primary: ["primary", "us-east-1"] },
      { application: "mail", primary: "us-west-2" },
    ];
    expect(read({ name: "mine", applications }).applications).toEqual([
      { application: "blog", priority: 1, recovery: "eu-central-1", action: "approve" },
      { application: "wiki-1", primary: "eu-west-1" },
      { application: "wiki-2", primary: "us-east-1" },
      { application: "wiki-3", primary: "eu-west-1" },
      { application: "mail", primary: "us-west-2" },
    ]);
  });
});
