import { bothRegions } from "../../functions/core/model/direction.ts";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { instanceAt, instancesOf, isServing } from "../ec2/serves.ts";
import type { World } from "../kernel.ts";
import { balancerAt } from "../services/load-balancers.ts";

/** What answers at a public address: an HTTP status, a refused connection, or nothing at all. */
export type Behind = number | "refused" | "silent";

/** A load balancer or router of the primary Region: it serves while one of the instances behind it does. */
type Front = { region: string; resource: Resource | null };

/** Addresses of the plan's primary records are in service from the beginning, in front of the resource users talk to. */
export const createFront = (world: World, address: string, front: Front) => frontsOf(world).set(address, front);

export const isFront = (world: World, host: string) => frontsOf(world).has(host);

/** The host of a URL; an IPv6 address without its brackets. */
export const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, "");

/** `from`: the Region of who asks, null for users, who stand outside of every Region. */
export const behind = (world: World, plan: Plan, address: string, from: string | null = null): Behind => {
  const found = standingAt(world, plan, address);
  if (!found || dark(world, found.region) || world.faults.isCut(from, found.region, world.now())) return "silent";
  return found.answer();
};

/** The Region of what answers, or would answer, at a public address. */
export const regionAt = (world: World, plan: Plan, address: string): string | null =>
  standingAt(world, plan, address)?.region ?? null;

const standingAt = (world: World, plan: Plan, address: string): { region: string; answer(): Behind } | null => {
  const front = frontsOf(world).get(address);
  if (front) return { region: front.region, answer: () => (frontServes(world, front) ? 200 : 503) };
  const balancer = balancerAt(world, address);
  if (balancer) return { region: balancer.region, answer: balancer.status };
  for (const region of bothRegions(plan).reverse()) {
    const instance = instanceAt(world, region, address);
    if (instance) return { region, answer: () => (isServing(world, region, instance) ? 200 : "refused") };
  }
  return null;
};

/** The resource whose servers users reach: one behind a target group or Elastic IP, else the first of the last wave. */
export const facingResource = (plan: Plan): Resource | null => {
  const facing = plan.protect.find(({ launch }) => launch.targetGroups.length > 0 || launch.elasticIps.length > 0);
  const last = plan.recover.waves.at(-1)?.[0];
  return facing ?? plan.protect.find(({ name }) => name === last) ?? plan.protect[0] ?? null;
};

const frontsOf = (world: World) => world.region("fronts", "global", () => new Map<string, Front>());

const dark = (world: World, region: string) => world.faults.isRegionDown(region, world.now());

const frontServes = (world: World, { region, resource }: Front) =>
  !resource || instancesOf(world, region, resource.name).some((instance) => isServing(world, region, instance));
