import type { Plan } from "../../functions/core/model/plan.ts";
import type { Random } from "../../simulator/random.ts";
import { readPlan } from "../../terminal/plan-file.ts";
import { type Pair, warmPlan } from "./pairs.ts";

/** Witnesses of a warm standby, and how many of them have to be red. */
const shapes = (random: Random, { primary }: Pair) => {
  const page = { name: "page", probe: { url: "https://warm.example.com/healthz", connect: "192.0.2.50" } };
  const api = { name: "region", api: primary };
  const alarm = { name: "errors", alarm: "warm-5xx", region: random.pick([primary, "us-east-1"]) };
  const silence = { name: "silence", silence: primary, after: "3m" };
  const health = { name: "health", awsHealth: ["EC2", "EBS"], region: primary };
  const check = { name: "check", healthCheck: "11111111-2222-3333-4444-555555555555" };
  return random.pick([
    { witnesses: [page, api], unhealthy: 2 },
    { witnesses: [page, api, alarm], unhealthy: 2 },
    { witnesses: [page, api, silence], unhealthy: 2 },
    { witnesses: [page, check, api, silence], unhealthy: 3 },
    { witnesses: [page, alarm, api, health], unhealthy: 2 },
  ]);
};

/** The plan of one incident sequence: most of them a warm standby, some the two servers. */
export const incidentPlan = (random: Random): Plan => {
  const action = random.pick(["automatic", "automatic", "automatic", "approve", "notify"] as const);
  const approval = { within: random.pick(["5m", "20m"]), otherwise: random.pick(["hold", "act"]) };
  const times = { armAfterHealthy: random.pick(["2m", "10m"]), block: random.pick(["10m", "30m"]) };
  if (random.chance(0.1)) {
    const plan = twoServers();
    return { ...plan, detect: { ...plan.detect, action } };
  }
  const pair = { primary: "eu-west-1", recovery: "eu-central-1" };
  const { witnesses, unhealthy } = shapes(random, pair);
  const verdict = { unhealthy, regional: 1, sustained: random.pick(["1m", "3m"]) };
  return warmPlan(pair, { detect: { action, approval, witnesses, verdict, ...times } });
};

const twoServers = (): Plan => {
  const { plan, problems } = readPlan(new URL("two-servers.yml", import.meta.url).pathname);
  if (!plan) throw new Error(JSON.stringify(problems));
  return plan;
};
