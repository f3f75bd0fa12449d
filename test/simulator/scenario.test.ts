import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PlanInvalidError } from "../../functions/core/errors.ts";
import { readScenario, toScenario } from "../../simulator/scenario.ts";
import { pairPlan } from "../support/pair.ts";

const plan = pairPlan();
const nothingElse = { operations: [], events: [], applications: [] };
const read = (document: unknown) => toScenario(document, "mine.yml", plan);
const withFault = (fault: object) => read({ name: "mine", faults: [fault] });
const thrown = (action: () => unknown) => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

describe("a scenario", () => {
  it("says what goes wrong and when, in seconds from time 0", () => {
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

  it("needs no more than a name: nothing goes wrong then, for six hours", () => {
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
  it("is what people do, at a time and with an input", () => {
    const operations = [
      { at: "-5m", do: "pause" },
      { at: "2m", do: "approve", input: { by: "ann" }, application: "pair" },
    ];
    expect(read({ name: "mine", operations }).operations).toEqual([
      { at: -300, do: "pause", input: {} },
      { at: 120, do: "approve", input: { by: "ann" }, application: "pair" },
    ]);
  });

  it("is events as AWS delivers them, or anything at all for detect", () => {
    const events = [
      { at: "1m", event: { source: "aws.health" } },
      { event: "nonsense", raw: true },
    ];
    expect(read({ name: "mine", events }).events).toEqual([
      { at: 60, event: { source: "aws.health" }, raw: false },
      { at: 0, event: "nonsense", raw: true },
    ]);
  });

  it("is further applications, many at once, their Regions in turn", () => {
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

describe("a scenario that is wrong", () => {
  it.each<[string, unknown, string]>([
    ["an unknown fault", { name: "x", faults: [{ fault: "meteor" }] }, "mine.yml: faults.0.fault: "],
    ["a fault without a kind", { name: "x", faults: [{ at: "1m" }] }, "mine.yml: faults.0.fault: "],
    ["an unknown key", { name: "x", untill: "3h" }, 'mine.yml: file: Unrecognized key: "untill"'],
    [
      "an unknown key of a fault",
      { name: "x", faults: [{ fault: "slow-copy", factor: 2, region: "primary" }] },
      'mine.yml: faults.0: Unrecognized key: "region"',
    ],
    [
      "a bad duration",
      { name: "x", faults: [{ at: "soon", fault: "region-down", region: "primary" }] },
      "mine.yml: faults.0.at: expected a duration such as 30s, 15m, 1h, -10m",
    ],
    [
      "a duration without a unit",
      { name: "x", faults: [{ at: 30, fault: "region-down", region: "primary" }] },
      "mine.yml: faults.0.at: ",
    ],
    ["a bound of nothing", { name: "x", until: "0s" }, "mine.yml: until: expected more than zero"],
    ["a rate over 1", { name: "x", faults: [{ fault: "throttle", rate: 25 }] }, "mine.yml: faults.0.rate: "],
    ["half a shutdown", { name: "x", faults: [{ fault: "slow-shutdown", by: "0s" }] }, "mine.yml: faults.0.by: "],
    ["a missing field", { name: "x", faults: [{ fault: "slow-copy" }] }, "mine.yml: faults.0.factor: "],
    ["a word for a switch", { name: "x", detect: false }, "mine.yml: detect: "],
    ["no name", {}, "mine.yml: name: "],
    ["a deed that nobody does", { name: "x", operations: [{ do: "panic" }] }, "mine.yml: operations.0.do: "],
    [
      "an operation on an application that is not there",
      { name: "x", operations: [{ do: "pause", application: "blog" }] },
      "mine.yml: operations.0.application: expected one of pair (got blog)",
    ],
    [
      "an event for an application that is not there",
      { name: "x", events: [{ event: {}, application: "blog" }], applications: [{ application: "wiki" }] },
      "mine.yml: events.0.application: expected one of pair, wiki (got blog)",
    ],
    [
      "two applications of one name",
      { name: "x", applications: [{ application: "pair" }] },
      "mine.yml: applications: expected other names than pair, which is there already",
    ],
    [
      "an application in a Region that is none",
      { name: "x", applications: [{ application: "blog", primary: "here" }] },
      "mine.yml: applications.0.primary: expected primary, recovery or a Region such as eu-west-1 (got here)",
    ],
    [
      "a witness of an application that is not there",
      { name: "x", faults: [{ fault: "witness", name: "page", state: "healthy", application: "blog" }] },
      "mine.yml: faults.0.application: expected one of pair (got blog)",
    ],
    [
      "a record that the plan does not have",
      { name: "x", faults: [{ fault: "zone-edit", name: "www.example.com", values: [] }] },
      "mine.yml: faults.0.name: expected one of pair.example.com (got www.example.com)",
    ],
    ["an empty file", null, "mine.yml: file: "],
    ["a list", [], "mine.yml: file: "],
    [
      "a strange world",
      { name: "x", world: { servers: { server: [{ name: "one", disks: [] }] } } },
      'mine.yml: world.servers.server.0: Unrecognized key: "disks"',
    ],
    [
      "servers of no resource",
      { name: "x", world: { servers: { web: [] } } },
      "mine.yml: world.servers: expected one of server (got web)",
    ],
    [
      "a Region that is none",
      { name: "x", faults: [{ fault: "region-down", region: "primry" }] },
      "mine.yml: faults.0.region: expected primary, recovery or a Region such as eu-west-1 (got primry)",
    ],
    [
      "a key of a Region that is none",
      { name: "x", faults: [{ fault: "key-disabled", region: "here" }] },
      "mine.yml: faults.0.region: expected primary, recovery or a Region such as eu-west-1 (got here)",
    ],
    [
      "a bucket without tokens",
      { name: "x", faults: [{ fault: "token-buckets", share: 0 }] },
      "mine.yml: faults.0.share",
    ],
    [
      "a witness that the plan does not have",
      { name: "x", faults: [{ fault: "witness", name: "canary", state: "unhealthy" }] },
      "mine.yml: faults.0.name: expected one of page, region (got canary)",
    ],
    [
      "a step that no machine has",
      { name: "x", faults: [{ fault: "lambda-crash", step: "copy" }] },
      "mine.yml: faults.0.step: expected one of AcquireLease, ",
    ],
  ])("%s is one PlanInvalidError that says where, with a hint", (_, document, message) => {
    const error = thrown(() => read(document)) as PlanInvalidError;
    expect(error).toBeInstanceOf(PlanInvalidError);
    expect(error.message.startsWith(message)).toBe(true);
    expect(error.message.split("\n")).toHaveLength(1);
    expect(error.hint).not.toBe("");
  });

  it.each(["silence", "awsHealth"] as const)("a witness %s that cannot tell is refused: it always can", (kind) => {
    const witness =
      kind === "silence"
        ? { name: "quiet", kind, region: "eu-west-1", afterSeconds: 180 }
        : { name: "quiet", kind, region: "eu-west-1", services: ["EC2"] };
    const own = { ...plan, detect: { ...plan.detect, witnesses: [witness] } };
    const faults = [{ fault: "witness", name: "quiet", state: "cannot-tell" }];
    expect(() => toScenario({ name: "x", faults }, "mine.yml", own)).toThrow(
      `mine.yml: faults.0.state: expected healthy or unhealthy of a witness ${kind} (got cannot-tell)`,
    );
  });

  it("is deployed at time 0 at the latest, and at its beginning when servers have to be protected first", () => {
    expect(thrown(() => read({ name: "x", deployed: "-5m" }))).toMatchObject({
      message: "mine.yml: deployed: expected none, as the plan protects resources, which comes first (got -300 s)",
    });
    const warm = { ...plan, protect: [] };
    expect(toScenario({ name: "x", deployed: "-5m" }, "mine.yml", warm).deployed).toBe(-300);
    expect(() => toScenario({ name: "x", deployed: "5m" }, "mine.yml", warm)).toThrow("mine.yml: deployed: ");
  });

  it("tells everything that is wrong at once", () => {
    const error = thrown(() => read({ until: "x", faults: [{ fault: "slow-copy" }, { fault: "meteor" }] })) as Error;
    expect(error.message.split("\n").map((line) => line.split(": ")[1])).toEqual([
      "name",
      "until",
      "faults.0.factor",
      "faults.1.fault",
    ]);
  });
});

describe("readScenario", () => {
  const shipped = readdirSync(new URL("../../examples/scenarios/", import.meta.url)).map((file) =>
    file.replace(".yml", ""),
  );

  it.each(shipped)("reads the shipped %s by its name, which is its own", (name) => {
    expect(readScenario(name, plan).name).toBe(name);
  });

  it("reads a file by its path", () => {
    expect(readScenario("examples/scenarios/throttled.yml", plan).name).toBe("throttled");
  });

  it.each(["meteor", "./meteor.yml", "examples/scenarios"])("says what it expected when there is no %s", (name) => {
    const error = thrown(() => readScenario(name, plan)) as PlanInvalidError;
    expect(error).toBeInstanceOf(PlanInvalidError);
    expect(error.message).toBe(`scenario ${name}: expected a shipped name or a readable file`);
    expect(error.hint).toBe("The shipped ones are the files of examples/scenarios/.");
  });

  it("says so when a file is no YAML", () => {
    const folder = mkdtempSync(join(tmpdir(), "lifeboat-scenario-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "broken.yml");
    writeFileSync(file, "name: broken\nfaults: [\n");
    const error = thrown(() => readScenario(file, plan)) as PlanInvalidError;
    expect(error).toBeInstanceOf(PlanInvalidError);
    expect(error.message).toMatch(/^\S+broken\.yml: .* at line \d+, column \d+:?$/);
    expect(error.hint).toBe("Mend the YAML.");
  });
});
