import { protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { mayWrite } from "../ec2/serves.ts";
import { ec2Of, type Instance } from "../ec2/state.ts";
import type { World } from "../kernel.ts";
import { stateOf } from "./state-of.ts";

/** A server of the source that could still take writes when traffic was about to move. */
export type Writer = { id: string; state: string };

/** Servers of the points, and whatever else the plan selects in the primary Region. */
export const sourceServers = (world: World, plan: Plan, manifests: { server: string }[]): Instance[] => {
  const known = new Set(manifests.map(({ server }) => server));
  const selected = ({ tags }: Instance) =>
    plan.protect.some(({ select }) =>
      Object.entries(select.tags).every(([key, value]) => tags.some((tag) => tag.Key === key && tag.Value === value)),
    );
  return [...ec2Of(world, protectedOf(plan)).instances.values()].filter((one) => known.has(one.id) || selected(one));
};

/** Who of the source may take writes now, read without a call. */
export const writersOf = (world: World, plan: Plan): Writer[] => {
  const { primary, recovery } = plan.regions;
  const { manifests } = stateOf(world, recovery, plan.application);
  return sourceServers(world, plan, manifests)
    .filter((one) => mayWrite(world, primary, one))
    .map(({ id, state }) => ({ id, state }));
};
