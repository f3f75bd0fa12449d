import { describe, expect, it } from "vitest";
import { PlanInvalidError } from "../../../functions/core/errors.ts";
import { toScenario } from "../../../simulator/scenario/scenario.ts";
import { pairPlan } from "../../support/pair.ts";

const plan = pairPlan();
const read = (document: unknown) => toScenario(document, "mine.yml", plan);
const thrown = (action: () => unknown) => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

describe("a scenario that is wrong", () => {
  const fault = (one: object) => ({ name: "x", faults: [one] });
  it.each<[string, unknown, string]>([
    ["an unknown fault", fault({ fault: "meteor" }), "faults[0].fault: expected one of region-down, link-down, "],
    ["a mistyped fault", fault({ fault: "region-dwn" }), /"region-dwn"; did you mean region-down\?\)$/.source],
    ["a fault without a kind", fault({ at: "1m" }), "faults[0].fault: expected one of region-down, "],
    [
      "an unknown key",
      { name: "x", untill: "3h" },
      /^mine\.yml untill: expected one of the keys name, world, until, .* \(got the unknown key "untill"; did you mean until\?\)$/
        .source,
    ],
    [
      "an unknown key of a fault",
      fault({ fault: "slow-copy", factor: 2, region: "primary" }),
      'faults[0].region: expected one of the keys at, for, fault, factor (got the unknown key "region")',
    ],
    [
      "a bad duration",
      fault({ at: "soon", fault: "region-down", region: "primary" }),
      'faults[0].at: expected a duration such as 30s, 15m, 1h, -10m (got "soon")',
    ],
    [
      "a time long before anybody lived",
      fault({ at: "-999999d", fault: "region-down", region: "primary" }),
      'faults[0].at: expected a time within 90 days of time 0 (got "-999999d")',
    ],
    [
      "a duration without a unit",
      fault({ at: 30, fault: "region-down", region: "primary" }),
      "faults[0].at: expected a text (got 30)",
    ],
    ["a bound of nothing", { name: "x", until: "0s" }, 'until: expected more than zero (got "0s")'],
    ["a rate over 1", fault({ fault: "throttle", rate: 25 }), "faults[0].rate: expected at most 1 (got 25)"],
    [
      "half a shutdown",
      fault({ fault: "slow-shutdown", by: "0s" }),
      'faults[0].by: expected more than zero (got "0s")',
    ],
    ["a missing field", fault({ fault: "slow-copy" }), "faults[0].factor: expected a number (got nothing)"],
    ["a word for a switch", { name: "x", detect: false }, "detect: expected one of on, off (got false)"],
    ["no name", {}, "name: expected a text (got nothing)"],
    ["a name that cannot be seen", { name: "x\u001b[2J" }, "name: expected a name of 1 to 100 visible characters "],
    [
      "a deed that nobody does",
      { name: "x", operations: [{ do: "aprove" }] },
      /^mine\.yml operations\[0\]\.do: expected one of pause, .* \(got "aprove"; did you mean approve\?\)$/.source,
    ],
    [
      "an operation on an application that is not there",
      { name: "x", operations: [{ do: "pause", application: "blog" }] },
      'operations[0].application: expected pair (got "blog")',
    ],
    [
      "an event for an application that is not there",
      { name: "x", events: [{ event: {}, application: "blog" }], applications: [{ application: "wiki" }] },
      'events[0].application: expected one of pair, wiki (got "blog")',
    ],
    [
      "an application with a name that is none",
      { name: "x", applications: [{ application: "<script>" }] },
      'applications[0].application: expected a name of lower-case letters, digits and hyphens, such as blog (got "<script>")',
    ],
    [
      "two applications of one name",
      { name: "x", applications: [{ application: "pair" }] },
      "applications: expected each name once (got pair again)",
    ],
    [
      "an application in a Region that is none",
      { name: "x", applications: [{ application: "blog", primary: "here" }] },
      'applications[0].primary: expected primary, recovery or a Region such as eu-west-1 (got "here")',
    ],
    [
      "a witness of an application that is not there",
      fault({ fault: "witness", name: "page", state: "healthy", application: "blog" }),
      'faults[0].application: expected pair (got "blog")',
    ],
    [
      "a record that the plan does not have",
      fault({ fault: "zone-edit", name: "www.example.com", values: [] }),
      'faults[0].name: expected pair.example.com (got "www.example.com"; did you mean pair.example.com?)',
    ],
    ["an empty file", null, "file: expected a map (got an empty value)"],
    ["a list", [], "file: expected a map (got a list of 0 entries)"],
    [
      "a strange world",
      { name: "x", world: { servers: { server: [{ name: "one", disks: [] }] } } },
      /^mine\.yml world\.servers\.server\[0\]\.disks: expected one of the keys name, type, .* \(got the unknown key "disks"\)$/
        .source,
    ],
    [
      "servers of no resource",
      { name: "x", world: { servers: { web: [] } } },
      'world.servers.web: expected server (got "web")',
    ],
    [
      "a server without a name",
      { name: "x", world: { servers: { server: [{}] } } },
      "world.servers.server[0].name: expected a text (got nothing)",
    ],
    [
      "servers of what every object has",
      { name: "x", world: { servers: { constructor: [] } } },
      'world.servers.constructor: expected server (got "constructor")',
    ],
    [
      "a key that JavaScript keeps for itself",
      JSON.parse('{ "name": "x", "world": { "servers": { "__proto__": [] } } }'),
      'world.servers.__proto__: expected another key (got "__proto__")',
    ],
    [
      "a Region that is none",
      fault({ fault: "region-down", region: "primry" }),
      'faults[0].region: expected primary, recovery or a Region such as eu-west-1 (got "primry"; did you mean primary?)',
    ],
    [
      "a Region of what every object has",
      fault({ fault: "region-down", region: "constructor" }),
      'faults[0].region: expected primary, recovery or a Region such as eu-west-1 (got "constructor")',
    ],
    [
      "a key of a Region that is none",
      fault({ fault: "key-disabled", region: "here" }),
      'faults[0].region: expected primary, recovery or a Region such as eu-west-1 (got "here")',
    ],
    [
      "an operation that AWS does not have",
      fault({ fault: "throttle", operation: "EC2.RunInstance", rate: 1 }),
      'faults[0].operation: expected an operation such as EC2.RunInstances, EC2.* or * (got "EC2.RunInstance"; did you mean EC2.RunInstances?)',
    ],
    [
      "an operation of a mistyped service",
      fault({ fault: "api-error", operation: "Ec2.RunInstances", error: "InternalError" }),
      'faults[0].operation: expected an operation such as EC2.RunInstances, EC2.* or * (got "Ec2.RunInstances"; did you mean EC2.RunInstances?)',
    ],
    [
      "every operation of no service",
      fault({ fault: "lost-response", operation: "S4.*", rate: 1 }),
      'faults[0].operation: expected an operation such as EC2.RunInstances, EC2.* or * (got "S4.*"; did you mean S3.*?)',
    ],
    [
      "a crash at an operation that AWS does not have",
      fault({ fault: "lambda-crash", step: "Copy", operation: "CopySnapshots" }),
      /^mine\.yml faults\[0\]\.operation: expected one of .* \(got "CopySnapshots"; did you mean CopySnapshot\?\)$/
        .source,
    ],
    [
      "a service that AWS does not have",
      fault({ fault: "control-plane-down", services: ["EC2", "route53"] }),
      /^mine\.yml faults\[0\]\.services\[1\]: expected one of Auto Scaling, .* \(got "route53"; did you mean Route 53\?\)$/
        .source,
    ],
    [
      "a brown-out of nothing",
      fault({ fault: "brown-out", services: ["Lamda"] }),
      /^mine\.yml faults\[0\]\.services\[0\]: .* \(got "Lamda"; did you mean Lambda\?\)$/.source,
    ],
    [
      "a right that is none",
      fault({ fault: "right-missing", action: "ec2:RunInstance" }),
      /^mine\.yml faults\[0\]\.action: .* \(got "ec2:RunInstance"; did you mean ec2:RunInstances\?\)$/.source,
    ],
    [
      "a zone that the Regions do not have",
      fault({ fault: "no-capacity", zones: ["eu-centrl-1a"] }),
      /^mine\.yml faults\[0\]\.zones\[0\]: expected one of eu-central-1a, .* \(got "eu-centrl-1a"; did you mean eu-central-1a\?\)$/
        .source,
    ],
    [
      "a type that is none",
      fault({ fault: "no-capacity", types: ["same", "large"] }),
      'faults[0].types[1]: expected an instance type such as m6i.large (got "large")',
    ],
    [
      "a code that AWS Health does not use",
      fault({ fault: "health-issue", region: "primary", services: ["ec2"] }),
      'faults[0].services[0]: expected a code of AWS Health such as EC2 (got "ec2")',
    ],
    [
      "a link from a Region to itself",
      fault({ fault: "link-down", from: "primary", to: "eu-west-1" }),
      'faults[0].to: expected another Region than `from` (got "eu-west-1")',
    ],
    [
      "a verification without an end",
      fault({ fault: "verification-pending" }),
      "faults[0].for: expected a text (got nothing)",
    ],
    [
      "a bucket without tokens",
      fault({ fault: "token-buckets", share: 0 }),
      "faults[0].share: expected more than 0 (got 0)",
    ],
    [
      "a witness that the plan does not have",
      fault({ fault: "witness", name: "canary", state: "unhealthy" }),
      'faults[0].name: expected one of page, region (got "canary")',
    ],
    [
      "a step that no machine has",
      fault({ fault: "lambda-crash", step: "copy" }),
      /^mine\.yml faults\[0\]\.step: expected one of AcquireLease, .* \(got "copy"; did you mean Copy\?\)$/.source,
    ],
  ])("%s is one PlanInvalidError that says where, with a hint", (_, document, message) => {
    const error = thrown(() => read(document)) as PlanInvalidError;
    expect(error).toBeInstanceOf(PlanInvalidError);
    if (message.endsWith("$")) expect(error.message).toMatch(new RegExp(message));
    else expect(error.message.slice(0, `mine.yml ${message}`.length)).toBe(`mine.yml ${message}`);
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
      `mine.yml faults[0].state: expected healthy or unhealthy of a witness ${kind} (got "cannot-tell")`,
    );
  });

  it("a scenario may be deployed at time 0 at the latest, and only at its start when servers have to be protected first", () => {
    expect(thrown(() => read({ name: "x", deployed: "-5m" }))).toMatchObject({
      message:
        "mine.yml deployed: expected no value: this plan protects resources, whose recovery points exist only after the deployment (got -300 s)",
    });
    const warm = { ...plan, protect: [] };
    expect(toScenario({ name: "x", deployed: "-5m" }, "mine.yml", warm).deployed).toBe(-300);
    expect(() => toScenario({ name: "x", deployed: "5m" }, "mine.yml", warm)).toThrow("mine.yml deployed: ");
  });

  it("tells everything that is wrong at once", () => {
    const error = thrown(() => read({ until: "x", faults: [{ fault: "slow-copy" }, { fault: "meteor" }] })) as Error;
    expect(error.message.split("\n").map((line) => line.split(": ")[0])).toEqual([
      "mine.yml name",
      "mine.yml until",
      "mine.yml faults[0].factor",
      "mine.yml faults[1].fault",
    ]);
  });
});
