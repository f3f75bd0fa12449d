import { describe, expect, it } from "vitest";
import type { Plan } from "../../functions/core/model/plan.ts";
import { compilePlan } from "../../functions/core/plan/compile.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";

type Link = { from: string; to: string; both?: boolean };
const directions: [string, Link][] = [
  ["recovery -> primary", { from: "recovery", to: "primary" }],
  ["primary -> recovery", { from: "primary", to: "recovery" }],
  ["both ways", { from: "primary", to: "recovery", both: true }],
];

/** Both Regions and all users are well; only what goes between these Regions gets no answer, for 25 minutes. */
const cut = async (plan: Plan, ...links: Link[]) => {
  const faults = links.map((link) => ({ at: "5m", for: "25m", fault: "link-down", ...link }));
  const scenario = toScenario({ name: "link-cut", faults, until: "1h" }, "link-cut", plan);
  const { runs, decisions, invariants } = resultOf(await playStory({ plan, scenario, seed: 1, run: null }));
  return {
    runs: runs.map(({ run, outcome }) => `${run} ${outcome}`),
    codes: [...new Set(decisions.map(({ action, code }) => `${action} ${code}`))],
    broken: invariants.filter(({ held }) => !held),
  };
};

describe.each(directions)("a link that is cut %s moves nothing", (_, link) => {
  it.each(["minimal", "web-shop", "warm-standby"])("of the example %s", async (name) => {
    const { runs, broken } = await cut(readPlanOrThrow(`examples/${name}.yml`), link);
    expect([runs, broken]).toEqual([[], []]);
  });

  it.each(kinds())("seen by %s and a probe from a third Region", async (_, witness) => {
    const plan = planOf([witness, afar], 2);
    expect((await cut(plan, link)).runs).toEqual([]);
  });

  it("of a plan whose quorum has one point of view, as long as another one finds the application well", async () => {
    const own = [
      { name: "page", probe: { url: "https://booking.example.com/healthz", connect: "192.0.2.40" } },
      { name: "region", api: "us-east-1" },
      { name: "heartbeat", silence: "us-east-1", after: "3m" },
    ];
    const { runs, codes } = await cut(planOf([...own, afar], 2), link);
    expect(runs).toEqual([]);
    if (link.from === "recovery" || link.both) expect(codes).toContain("hold OneVantage");
  });
});

it("a recovery Region that is cut off from everybody cannot tell", async () => {
  const plan = planOf(
    [
      { name: "page", probe: { url: "https://booking.example.com/healthz", connect: "192.0.2.40" } },
      { name: "region", api: "us-east-1" },
    ],
    2,
  );
  const away = (to: string) => ({ from: "recovery", to });
  const { runs, codes } = await cut(plan, away("primary"), away("eu-west-1"));
  expect([runs, codes]).toEqual([[], ["none Healthy", "hold CannotTell"]]);
});

const afar = {
  name: "afar",
  probe: { url: "https://booking.example.com/healthz", connect: "192.0.2.40", from: "eu-central-1" },
};

function kinds(): [string, object][] {
  return [
    ["probe", { name: "it", probe: { url: "https://booking.example.com/", connect: "192.0.2.40" } }],
    ["api", { name: "it", api: "us-east-1" }],
    ["silence", { name: "it", silence: "us-east-1", after: "3m" }],
    ["alarm", { name: "it", alarm: "booking-5xx", region: "us-east-1" }],
    ["healthCheck", { name: "it", healthCheck: "11111111-2222-3333-4444-555555555555" }],
    ["awsHealth", { name: "it", awsHealth: ["EC2"], region: "us-east-1" }],
  ];
}

/** A warm standby that is moved without a person, watched by these. */
function planOf(witnesses: object[], unhealthy: number): Plan {
  const { plan, problems } = compilePlan({
    version: 1,
    application: "booking",
    regions: { primary: "us-east-1", recovery: "us-west-2" },
    objectives: { rpo: "1h", rto: "15m" },
    protect: [],
    detect: {
      action: "automatic",
      // a regional one beside them, that a cut link does not turn red alone
      witnesses: [...witnesses, { name: "word", awsHealth: ["RDS"], region: "us-east-1" }],
      verdict: { unhealthy, regional: 1, sustained: "3m" },
    },
    traffic: {
      switch: "takeover",
      zone: "Z0123456789BOOKINGEX",
      records: [
        {
          name: "booking.example.com",
          type: "A",
          policy: "failover",
          ttl: 30,
          primary: "192.0.2.40",
          recovery: "198.51.100.40",
        },
      ],
    },
  });
  if (!plan) throw new Error(JSON.stringify(problems));
  return plan;
}
