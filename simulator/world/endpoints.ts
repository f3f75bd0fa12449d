import { bothRegions } from "../../functions/core/model/direction.ts";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";
import { instanceAt, instancesOf, isServing } from "../ec2/serves.ts";
import type { World } from "../kernel.ts";
import { balancerAt } from "../services/load-balancers.ts";

/** What answers at a public address: an HTTP status, a refused connection, or nothing at all. */
export type Behind = number | "refused" | "silent";

/** A load balancer or router of the primary Region: it serves while one of the instances behind it does. */
type Endpoint = { region: string; resource: Resource | null };

/** Addresses of the plan's primary records are in service from the beginning, in front of the resource users talk to. */
export const createEndpoint = (world: World, address: string, endpoint: Endpoint) =>
  endpointsOf(world).set(address, endpoint);

export const isEndpoint = (world: World, host: string) => endpointsOf(world).has(host);

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
  const endpoint = endpointsOf(world).get(address);
  if (endpoint) return { region: endpoint.region, answer: () => (endpointServes(world, endpoint) ? 200 : 503) };
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

const endpointsOf = (world: World) => world.region("endpoints", "global", () => new Map<string, Endpoint>());

const dark = (world: World, region: string) => world.faults.isRegionDown(region, world.now());

const endpointServes = (world: World, { region, resource }: Endpoint) =>
  !resource || instancesOf(world, region, resource.name).some((instance) => isServing(world, region, instance));
