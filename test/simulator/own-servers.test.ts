import { expect, it } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { compilePlan } from "../../functions/core/plan/compile.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory, pointsText } from "../../simulator/story/story.ts";

/** One server, two volumes of which one comes back empty, and witnesses that name the primary in the ways that people do. */
const document = (url: string) => ({
  version: 1,
  application: "desk",
  regions: { primary: "eu-north-1", recovery: "eu-west-1" },
  objectives: { rpo: "2h", rto: "30m" },
  detect: {
    action: "automatic",
    witnesses: [
      { name: "afar", probe: { url: "https://desk.example.com/", connect: "192.0.2.50", from: "eu-west-3" } },
      { name: "database", probe: { url, from: "eu-west-3" } },
      { name: "region", api: "eu-north-1" },
    ],
    verdict: { unhealthy: 3, regional: 1, sustained: "3m" },
  },
  protect: [
    {
      name: "db",
      kind: "instances",
      select: { tags: { Tier: "db" } },
      exclude: { volumes: ["/dev/sdf"], replace: "empty" },
      every: "rate(30 minutes)",
      launch: { subnets: { "eu-west-1a": "subnet-0a10" }, securityGroups: ["sg-0a40"] },
      verify: { tcp: ":5432", within: "5m", from: "ssm" },
    },
  ],
  traffic: {
    switch: "records",
    acceptControlPlane: true,
    zone: "Z0123456789ABCDEFGHIJ",
    records: [
      { name: "desk.example.com", type: "A", policy: "simple", primary: "192.0.2.50", recovery: "launched:db" },
    ],
  },
});
const volumes = [
  { device: "/dev/sda1", sizeGiB: 50 },
  { device: "/dev/sdf", sizeGiB: 20 },
];

const scenarioOf = (plan: Plan, servers: unknown) =>
  toScenario(
    { name: "own", world: { servers }, faults: [{ at: "0s", fault: "region-down", region: "primary" }] },
    "own.yml",
    plan,
  );

it.each(["tcp://192.0.2.51:5432", "https://db-origin.example.net/healthz", "http://[2001:db8::51]:8080/"])(
  "a server that boots from /dev/sda1 and gets an empty volume comes back, and a probe of %s sees the primary",
  async (url) => {
    const { plan, problems } = compilePlan(document(url));
    expect(problems).toEqual([]);
    const scenario = scenarioOf(plan!, { db: [{ name: "db-1", platform: "Windows", volumes }] });
    const result = resultOf(await playStory({ plan: plan!, scenario, seed: 1, run: null }));
    expect(result.decisions.map(({ action, code }) => `${action} ${code}`)).toContain("act RegionUnhealthy");
    expect(result.outcome).toBe("succeeded");
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  },
);

it.each([
  [{ platform: "windows" }, /servers\.db\[0\]\.platform: expected one of Linux\/UNIX, .*did you mean Windows/],
  [{ volumes: [] }, /servers\.db\[0\]\.volumes: expected a value that is not empty/],
])("a server of a scenario that AWS could not have is refused (%j)", (server, message) => {
  const { plan } = compilePlan(document("tcp://192.0.2.51:5432"));
  expect(() => scenarioOf(plan!, { db: [{ name: "db-1", ...server }] })).toThrow(message);
});

it("a story whose points never become complete says so", () => {
  const { plan } = compilePlan(document("tcp://192.0.2.51:5432"));
  expect(pointsText(plan!, true)).toBe("every resource has a complete recovery point");
  expect(pointsText(plan!, false)).toBe("after 12 hours not every resource has a complete recovery point");
  expect(pointsText({ protect: [] }, true)).toBe("the plan protects no servers: there are no recovery points");
});
