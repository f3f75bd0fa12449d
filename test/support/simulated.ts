import type { Clients } from "../../functions/aws/calls/clients.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { type Context, createContext, type Outside } from "../../functions/runtime/context.ts";
import { inVirtualTime } from "../../simulator/clock.ts";
import { populate } from "../../simulator/inventory/inventory.ts";
import { createWorld, type Services, simulate, type World } from "../../simulator/kernel.ts";
import { createSimulatedNet } from "../../simulator/network/net.ts";
import { populateTraffic } from "../../simulator/network/traffic.ts";
import { createRandom } from "../../simulator/random.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { services } from "../../simulator/services.ts";
import { aPlan } from "./builders.ts";
import { anOutside } from "./context.ts";

export const startOfTime = new Date("2026-03-02T12:00:00.000Z");

export type Simulated = {
  world: World;
  /** Real SDK clients on the simulated AWS. */
  clients: Clients;
  /** What a step gets, on the same clients' world. */
  context: Context;
  /** The same, for a handler that makes its own container. */
  outside: Outside;
  /** Lets virtual time pass. */
  advance(seconds: number): Promise<void>;
};

/**
 * Runs `body` in virtual time on a simulated AWS that is populated for `plan`; fault times are ms after the start.
 * `traffic` adds load balancers, records and witnesses.
 */
export const simulated = <T>(
  options: {
    seed?: number;
    plan?: Plan;
    inventory?: unknown;
    faults?: Fault[];
    services?: Services;
    traffic?: boolean;
    /** Region of the functions; none: outside of every Region. */
    from?: string;
  },
  body: (simulated: Simulated) => Promise<T>,
): Promise<T> => {
  const { seed = 1, plan = aPlan(), inventory, faults = [], traffic = false, from = null } = options;
  const jitter = createRandom(seed, "Math.random");
  return inVirtualTime({ start: startOfTime, random: () => jitter.next() }, () => {
    const absolute = faults.map((fault) => ({
      ...fault,
      from: startOfTime.getTime() + fault.from,
      until: startOfTime.getTime() + fault.until,
    }));
    const world = createWorld({ seed, faults: absolute });
    populate(world, plan, inventory);
    if (traffic) populateTraffic(world, plan);
    const outside = anOutside({
      watches: [simulate(world, { ...services, ...options.services }, from)],
      net: createSimulatedNet(world, from),
      now: () => new Date(),
    });
    const context = createContext(outside);
    const advance = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1_000));
    return body({ world, clients: context.clients, context, outside, advance });
  });
};
