import type { Plan } from "./plan.ts";
import type { Row } from "./row.ts";

/** A Region by its name in the plan. Which of the two serves stands in the row: a plan has no direction. */
export type PlanSide = "primary" | "recovery";

/** The Region that a run leaves, and the one that it moves to or copies to. */
export type Direction = { from: PlanSide; to: PlanSide; source: string; target: string };

type Regions = Pick<Plan, "regions">;

export const regionOf = ({ regions }: Regions, side: PlanSide): string => regions[side];

export const otherSide = (side: PlanSide): PlanSide => (side === "primary" ? "recovery" : "primary");

/** The side of a Region of the plan. */
export const sideOf = ({ regions }: Regions, region: string): PlanSide =>
  region === regions.recovery ? "recovery" : "primary";

/** Both Regions of the plan, the one that serves at first before the other. */
export const bothRegions = ({ regions }: Regions): [string, string] => [regions.primary, regions.recovery];

/** The Region whose table is the authority, and where the controller runs: the recovery Region, until authority can be handed over. */
export const homeOf = ({ regions }: Regions): string => regions.recovery;

/** The Region whose health detect judges: the one that a failover leaves. Nothing fails back by itself, so it is the primary. */
export const watchedOf = ({ regions }: Regions): string => regions.primary;

/** The Region in which the servers that the plan selects run, until they run in both directions. */
export const protectedOf = ({ regions }: Regions): string => regions.primary;

/** The Region in which the plan says how servers are launched. */
export const launchedOf = ({ regions }: Regions): string => regions.recovery;

/** Does the application serve where it is protected, and may a failover leave from there? */
export const servesWhereProtected = (plan: Regions, { active }: Pick<Row, "active">): boolean =>
  active === protectedOf(plan);

/** From the Region that serves to the other one. */
export const directionOf = (plan: Regions, { active }: Pick<Row, "active">): Direction => {
  const from = active === regionOf(plan, "recovery") ? "recovery" : "primary";
  const to = otherSide(from);
  return { from, to, source: active, target: regionOf(plan, to) };
};

/** The same two Regions the other way round: the run that finishes a move leads to the Region that serves already. */
export const reversed = ({ from, to, source, target }: Direction): Direction => ({
  from: to,
  to: from,
  source: target,
  target: source,
});

/** What `switch` of the row, and the metric that moves a takeover, say when traffic belongs to this side. */
export const switchValueOf = (side: PlanSide): 0 | 1 => (side === "recovery" ? 1 : 0);
