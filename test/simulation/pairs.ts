import type { Plan } from "../../functions/core/model/plan.ts";
import { compilePlan } from "../../functions/core/plan/compile.ts";
import { pathText } from "../../functions/core/plan/values/problems.ts";

export type Pair = { primary: string; recovery: string };

/** The pairs of Regions that are proven: us-east-1, where the global control planes are, on either side and on neither. */
export const pairs: Pair[] = [
  { primary: "us-east-1", recovery: "us-west-2" },
  { primary: "us-west-2", recovery: "us-east-1" },
  { primary: "eu-west-1", recovery: "eu-central-1" },
];

/** A plan for a warm standby between two Regions, as its author writes it; `over` replaces whole parts. */
export const warmDocument = ({ primary, recovery }: Pair, over: Record<string, unknown> = {}) => ({
  version: 1,
  application: "warm",
  regions: { primary, recovery },
  objectives: { rpo: "1h", rto: "15m" },
  detect: {
    action: "automatic",
    witnesses: [
      { name: "page", probe: { url: "https://warm.example.com/healthz", connect: "192.0.2.50" } },
      { name: "region", api: primary },
    ],
    verdict: { unhealthy: 2, regional: 1, sustained: "3m" },
  },
  protect: [],
  traffic: {
    switch: "takeover",
    zone: "Z0123456789WARMEXMPL",
    records: [
      {
        name: "warm.example.com",
        type: "A",
        policy: "failover",
        ttl: 30,
        primary: "192.0.2.50",
        recovery: "198.51.100.50",
      },
    ],
  },
  ...over,
});

export const problemsOf = (document: unknown) =>
  compilePlan(document).problems.map(
    ({ path, expected, got }) => `${pathText(path)}: expected ${expected} (got ${got})`,
  );

export const warmPlan = (pair: Pair, over?: Record<string, unknown>): Plan => {
  const { plan, problems } = compilePlan(warmDocument(pair, over));
  if (!plan) throw new Error(JSON.stringify(problems));
  return plan;
};
