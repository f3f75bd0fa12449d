import type { World } from "../kernel.ts";

/**
 * A load balancer, as everybody else knows it. It is kept apart from its targets: what they serve depends on DNS, and DNS on
 * whether it is healthy.
 */
export type LoadBalancer = {
  name: string;
  zone: string;
  region: string;
  addresses: string[];
  groups: string[];
  /** What it answers now: 503 without a healthy target. */
  status: () => 200 | 502 | 503;
};

/** The load balancer of a DNS name, in whatever Region: names are global. */
export const balancerNamed = (world: World, name: string): LoadBalancer | null =>
  balancersOf(world).get(name.replace(/\.$/, "").replace(/^dualstack\./, "")) ?? null;

/** The load balancer that has this address, or null. */
export const balancerAt = (world: World, address: string): LoadBalancer | null =>
  [...balancersOf(world).values()].find(({ addresses }) => addresses.includes(address)) ?? null;

/** Every load balancer by its name. */
export const balancersOf = (world: World) => world.region("ELB names", "global", () => new Map<string, LoadBalancer>());
