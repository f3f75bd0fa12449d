/** Users who ask for the application, and when they were served by which Region. */

import type { Plan } from "../../functions/core/model/plan.ts";
import { publicResolvers } from "../../functions/core/traffic/dns.ts";
import { ask } from "../dns/dns.ts";
import type { World } from "../kernel.ts";
import { behind, regionAt } from "./endpoints.ts";

/** From `at` (ms) on users are served by this Region, by several ("a and b"), or by none (null). */
export type Service = { at: number; region: string | null };

/** Users look so often, seconds: the precision of every figure about them. */
export const usersLookSeconds = 5;

/**
 * What users of the plan's public names get: each record, through either public resolver, leads to something that answers
 * 200, or they are not served. Gives what to call at each look; null where the plan has no name that users know.
 */
export const createUsers = (world: World, plan: Plan, changed: (service: Service) => void = () => undefined) => {
  const records = (plan.traffic?.records ?? []).filter((record) => !record.private);
  if (records.length === 0) return null;
  const seen: Service[] = [];
  const regionNow = () => {
    const regions = new Set<string>();
    for (const { name, type } of records)
      for (const server of publicResolvers) {
        const answer = ask(world, { name, type: type === "CNAME" ? "A" : type, server });
        const address = "values" in answer ? answer.values[0] : undefined;
        if (!address || behind(world, plan, address) !== 200) return null;
        regions.add(regionAt(world, plan, address) ?? "elsewhere");
      }
    return [...regions].sort().join(" and ");
  };
  return {
    seen,
    look: () => {
      const region = regionNow();
      if (seen.length > 0 && seen.at(-1)!.region === region) return;
      seen.push({ at: world.now(), region });
      changed(seen.at(-1)!);
    },
  };
};

export type Outage = { seconds: number; from: number; until: number | null };

/** Time without service until `endedAt` (ms), from its first moment until its last; `until` null: it goes on. Null: none. */
export const outageOf = (seen: Service[], endedAt: number): Outage | null => {
  const spans = seen.flatMap(({ at, region }, index) =>
    region === null ? [{ from: at, until: seen[index + 1]?.at ?? null }] : [],
  );
  const [first] = spans;
  if (!first) return null;
  const milliseconds = spans.reduce((sum, { from, until }) => sum + (until ?? endedAt) - from, 0);
  return { seconds: milliseconds / 1_000, from: first.from, until: spans.at(-1)!.until };
};
