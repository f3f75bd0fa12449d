import { expect, test } from "vitest";
import type { Call } from "../../../functions/aws/calls/clients.ts";
import { createRandom } from "../../../simulator/random.ts";
import type { Fault } from "../../../simulator/scenario/fault.ts";
import { createFaults } from "../../../simulator/scenario/faults.ts";

const random = () => createRandom(1, "test");
const always = { from: 0, until: Number.POSITIVE_INFINITY };
const call = (over: Partial<Call> = {}): Call => ({
  service: "EC2",
  operation: "RunInstances",
  region: "eu-central-1",
  input: {},
  request: { headers: {} },
  mutating: true,
  patience: "standard",
  signal: new AbortController().signal,
  ...over,
});

test("a Region is down from the first millisecond of its outage until the last", () => {
  const faults = createFaults([{ from: 100, until: 200, fault: "region-down", region: "eu-west-1" }]);

  expect([99, 100, 199, 200].map((now) => faults.isRegionDown("eu-west-1", now))).toEqual([false, true, true, false]);
  expect(faults.isRegionDown("eu-central-1", 150)).toBe(false);
  expect([50, 150].map((now) => faults.regionUpAt("eu-west-1", now))).toEqual([50, 200]);
  expect(faults.wasDown("eu-west-1", 0, 99)).toBe(false);
  expect(faults.wasDown("eu-west-1", 0, 100)).toBe(true);
});

test("outages that follow each other are one", () => {
  const faults = createFaults([
    { from: 100, until: 200, fault: "region-down", region: "eu-west-1" },
    { from: 200, until: 300, fault: "region-down", region: "eu-west-1" },
  ]);

  expect(faults.regionUpAt("eu-west-1", 100)).toBe(300);
});

test("a dark Region has one manner for the whole outage; every manner occurs over the seeds", () => {
  const manners = new Set<string>();
  for (let seed = 0; seed < 30; seed++) {
    const faults = createFaults([{ ...always, fault: "region-down", region: "eu-central-1" }]);
    const stream = createRandom(seed, "calls");
    const [first, second] = [faults.beforeCall(call(), 1, stream), faults.beforeCall(call(), 2, stream)];
    expect(first).toEqual(second);
    manners.add(first!.kind);
  }

  expect([...manners].sort()).toEqual(["answer", "silence", "socket"]);
});

test.each<[string, Fault, Partial<Call>, string | null]>([
  ["throttle", { ...always, fault: "throttle", rate: 1 }, {}, "RequestLimitExceeded"],
  ["throttle of S3", { ...always, fault: "throttle", rate: 1 }, { service: "S3" }, "SlowDown"],
  ["throttle of others", { ...always, fault: "throttle", rate: 1 }, { service: "SNS" }, "ThrottlingException"],
  ["throttle at no rate", { ...always, fault: "throttle", rate: 0 }, {}, null],
  ["throttle elsewhere", { ...always, fault: "throttle", rate: 1, operation: "EC2.CopySnapshot" }, {}, null],
  [
    "throttle of the service",
    { ...always, fault: "throttle", rate: 1, operation: "EC2.*" },
    {},
    "RequestLimitExceeded",
  ],
  ["error", { ...always, fault: "api-error", error: "InternalError", operation: "RunInstances" }, {}, "InternalError"],
  ["error in a Region", { ...always, fault: "api-error", error: "X", region: "eu-west-1" }, {}, null],
  ["dead control plane", { ...always, fault: "control-plane-down", services: ["EC2"] }, {}, "ServiceUnavailable"],
  [
    "a service that browns out",
    { ...always, fault: "brown-out", services: ["EC2"], error: "unavailable" },
    {},
    "ServiceUnavailable",
  ],
  [
    "a service that throttles all",
    { ...always, fault: "brown-out", services: ["EC2"], error: "throttled" },
    {},
    "RequestLimitExceeded",
  ],
  [
    "a brown-out elsewhere",
    { ...always, fault: "brown-out", services: ["EC2"], region: "eu-west-1", error: "unavailable" },
    {},
    null,
  ],
  [
    "a brown-out of another service",
    { ...always, fault: "brown-out", services: ["SNS"], error: "unavailable" },
    {},
    null,
  ],
  [
    "a brown-out of a global service, whose calls go to its own Region",
    { ...always, fault: "brown-out", services: ["Route 53"], region: "eu-central-1", error: "throttled" },
    { service: "Route 53", region: "us-east-1" },
    "ThrottlingException",
  ],
  [
    "a launch that waits for verification",
    { ...always, fault: "verification-pending", region: "eu-central-1" },
    {},
    "PendingVerification",
  ],
  [
    "a dry launch",
    { ...always, fault: "verification-pending", region: "eu-central-1" },
    { input: { DryRun: true } },
    null,
  ],
  [
    "a start beside it",
    { ...always, fault: "verification-pending", region: "eu-central-1" },
    { operation: "StartInstances" },
    null,
  ],
  [
    "a right that is missing",
    { ...always, fault: "right-missing", action: "ec2:RunInstances" },
    {},
    "UnauthorizedOperation",
  ],
  [
    "one that is missing elsewhere",
    { ...always, fault: "right-missing", action: "ec2:RunInstances", region: "eu-west-1" },
    {},
    null,
  ],
  ["another right", { ...always, fault: "right-missing", action: "ec2:StopInstances" }, {}, null],
  [
    "a right that a launch needs for its tags",
    { ...always, fault: "right-missing", action: "ec2:CreateTags" },
    { input: { TagSpecifications: [] } },
    "UnauthorizedOperation",
  ],
  [
    "a right that a launch needs for its profile",
    { ...always, fault: "right-missing", action: "iam:PassRole" },
    { input: { IamInstanceProfile: { Name: "web" } } },
    "UnauthorizedOperation",
  ],
  [
    "a right of another service, by its own name for that",
    { ...always, fault: "right-missing", action: "dynamodb:PutItem" },
    { service: "DynamoDB", operation: "PutItem" },
    "AccessDeniedException",
  ],
  ["another control plane", { ...always, fault: "control-plane-down", services: ["Route 53"] }, {}, null],
])("%s", (_what, fault, over, name) => {
  const met = createFaults([fault]).beforeCall(call(over), 1, random());

  expect(met && "name" in met ? met.name : null).toBe(name);
});

test("over a cut link nothing answers, one way or both; who stands outside of every Region is heard", () => {
  const link = { fault: "link-down", caller: "eu-west-1", callee: "eu-central-1", from: 0, until: 100 } as const;
  const [oneWay, both] = [createFaults([link]), createFaults([{ ...link, both: true }])];
  const met = (faults: typeof both, from: string | null, region: string, now = 1) =>
    faults.beforeCall(call({ region }), now, random(), from);

  expect(met(oneWay, "eu-west-1", "eu-central-1")).toEqual({ kind: "silence" });
  expect(met(oneWay, "eu-central-1", "eu-west-1")).toBeNull();
  expect(met(both, "eu-central-1", "eu-west-1")).toEqual({ kind: "silence" });
  expect([met(both, "eu-central-1", "eu-central-1"), met(both, "us-east-1", "eu-west-1")]).toEqual([null, null]);
  expect([met(both, null, "eu-west-1"), met(both, "eu-west-1", "eu-central-1", 100)]).toEqual([null, null]);
  expect([both.linkUpAt("eu-west-1", "eu-central-1", 7), both.linkUpAt("us-east-1", "eu-west-1", 7)]).toEqual([100, 7]);
});

test("an error with a count is met so often", () => {
  const faults = createFaults([{ ...always, fault: "api-error", error: "X", count: 2 }]);
  const stream = random();

  expect([1, 2, 3].map((now) => faults.beforeCall(call(), now, stream) !== null)).toEqual([true, true, false]);
});

test("a lost response is met after the effect only", () => {
  const faults = createFaults([{ ...always, fault: "lost-response", rate: 1 }]);

  expect(faults.beforeCall(call(), 1, random())).toBeNull();
  expect(faults.afterCall(call(), 1, random())).toMatchObject({ kind: "socket", code: "ECONNRESET" });
  expect(createFaults().afterCall(call(), 1, random())).toBeNull();
});

test("capacity lacks for the named types and zones; none named means all", () => {
  const some = createFaults([{ ...always, fault: "no-capacity", types: ["m5.large"], zones: [] }]);
  const zone = createFaults([{ ...always, fault: "no-capacity", zones: ["eu-central-1a"] }]);

  expect(some.hasCapacity("m5.large", "eu-central-1b", 1)).toBe(false);
  expect(some.hasCapacity("c5.large", "eu-central-1b", 1)).toBe(true);
  expect(zone.hasCapacity("c5.large", "eu-central-1a", 1)).toBe(false);
  expect(zone.hasCapacity("c5.large", "eu-central-1b", 1)).toBe(true);
});

test("copies: factors multiply, the worst error rate and the smallest quota hold", () => {
  const faults = createFaults([
    { ...always, fault: "slow-copy", factor: 2 },
    { ...always, fault: "slow-copy", factor: 3 },
    { ...always, fault: "copy-error", rate: 0.2 },
    { ...always, fault: "copy-quota", limit: 5 },
  ]);

  expect([faults.copyFactor(1), faults.copyErrorRate(1), faults.copySlots(1)]).toEqual([6, 0.2, 5]);
  expect([createFaults().copyFactor(1), createFaults().copyErrorRate(1), createFaults().copySlots(1)]).toEqual([
    1, 0, 20,
  ]);
});

test("events are lost, late, or come twice", () => {
  const deliveries = (...list: Fault[]) => createFaults(list).deliveriesOf(1, random());

  expect(deliveries().length).toBe(1);
  expect(deliveries({ ...always, fault: "lost-events", rate: 1 })).toEqual([]);
  expect(deliveries({ ...always, fault: "duplicate-events" }).length).toBe(2);
  expect(deliveries({ ...always, fault: "late-events", by: 60 })[0]).toBeGreaterThan(60);
});

test("crashes and witnesses are told while they last, and faults may be added later", () => {
  const list: Fault[] = [];
  const faults = createFaults(list);
  list.push({ from: 0, until: 10, fault: "witness", name: "canary", state: "unhealthy" });
  list.push({ from: 0, until: 10, fault: "lambda-crash", step: "Copy", when: "after" });

  expect([faults.witness("canary", 5), faults.witness("canary", 10), faults.witness("other", 5)]).toEqual([
    "unhealthy",
    null,
    null,
  ]);
  expect(faults.crashes(5)).toMatchObject([{ step: "Copy" }]);
});
