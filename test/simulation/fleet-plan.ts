import type { Keep, Plan } from "../../functions/core/model/plan.ts";
import { compilePlan } from "../../functions/core/plan/compile.ts";
import type { Random } from "../../simulator/random.ts";
import type { Scenario } from "../../simulator/scenario/schema.ts";

/**
 * A fleet of the soak. A round every 6 hours keeps 30 days at 120 rounds; the RPO leaves two hours to take and copy,
 * several times what AWS takes for ten volumes. 500 volumes at 18 slots are two hours of copies, and four when all are
 * first ones: twice a day with four hours to copy.
 */
export const sizes = {
  small: { servers: 4, every: "rate(12 hours)", rpo: "14h" },
  large: { servers: 200, every: "rate(1 day)", rpo: "30h" },
} as const;
export type Size = keyof typeof sizes;

export const alias = "alias/lifeboat";
const resources = ["web", "data"] as const;
/** Of four servers: ten in all. */
const volumesOf = [3, 2, 3, 2];

/** What user data holds: nothing that is written outside the table of user data may have any of it. */
export const secretOf = (server: string, version: number) =>
  `#!/bin/sh\n# ${server}\nexport PASSWORD=canary-${server}-v${version}-in-the-coal-mine\n`;
export const secretMark = "canary-";

export const fleetPlan = (size: Size, random: Random): { plan: Plan; world: Scenario["world"] } => {
  const { servers, every, rpo } = sizes[size];
  const drawnKeep = keepOf(random, size);
  const keepSource = random.chance(0.5) ? shorter(drawnKeep, random) : undefined;
  const protect = resources.map((name, at) => ({
    name,
    kind: "instances",
    select: { tags: { App: "fleet", Tier: name } },
    every,
    keep: drawnKeep,
    ...(keepSource && { keepSource }),
    encrypt: { key: alias },
    launch: {
      subnets: { "eu-central-1a": `subnet-0a${at}`, "eu-central-1b": `subnet-0b${at}` },
      securityGroups: ["sg-0cc"],
    },
  }));
  const { plan, problems } = compilePlan({
    version: 1,
    application: "fleet",
    regions: { primary: "eu-west-1", recovery: "eu-central-1" },
    objectives: { rpo, rto: "15m" },
    detect: {
      action: "notify",
      witnesses: [{ name: "region", api: "eu-west-1" }],
      verdict: { unhealthy: 1, regional: 1, sustained: "3m" },
    },
    protect,
    recover: { waves: [["data"], ["web"]] },
  });
  if (!plan) throw new Error(JSON.stringify(problems));
  const half = servers / resources.length;
  const made = resources.map((name, at) => [
    name,
    Array.from({ length: half }, (_, nth) => serverSpec(`${name}-${nth + 1}`, volumesOf[(at * half + nth) % 4]!)),
  ]) as [string, ReturnType<typeof serverSpec>[]][];
  // a licence that stands in the image: this one goes by CreateImage and CopyImage
  if (random.chance(0.4)) made[0]![1][0]!.platform = "Windows";
  return { plan, world: { servers: Object.fromEntries(made), notOffered: [], taken: [] } };
};

export const serverSpec = (name: string, volumes: number) => ({
  name,
  platform: "Linux/UNIX",
  productCodes: [],
  tags: {},
  autoScaling: false,
  userData: Buffer.from(secretOf(name, 1)).toString("base64"),
  volumes: Array.from({ length: volumes }, (_, at) => ({
    device: at === 0 ? "/dev/xvda" : `/dev/sd${String.fromCharCode(101 + at)}`,
    sizeGiB: 16 + 40 * at,
    type: "gp3",
    iops: null,
    throughput: null,
    encrypted: at === 1,
  })),
});

const upTo = (random: Random, most: number) => Math.floor(random.between(0, most + 1));

/** Every class is off in some seeds; a large fleet keeps less, as each point of it is 500 snapshots in each Region. */
const keepOf = (random: Random, size: Size): Keep => {
  const most = size === "small" ? [12, 7, 4, 2, 1] : [4, 4, 2, 1, 1];
  const [hourly, daily, weekly, monthly, yearly] = most.map((one) => upTo(random, one)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const keep = { hourly, daily, weekly, monthly, yearly };
  return Object.values(keep).some((count) => count > 0) ? keep : { ...keep, daily: 1 };
};

const shorter = (keep: Keep, random: Random): Keep => {
  const cut = Object.fromEntries(Object.entries(keep).map(([name, count]) => [name, upTo(random, count)])) as Keep;
  return Object.values(cut).some((count) => count > 0) ? cut : keep;
};
