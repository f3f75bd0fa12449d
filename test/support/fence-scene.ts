import type { Call, Watch } from "../../functions/aws/calls/clients.ts";
import type { FenceResult } from "../../functions/core/fence/summary.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Row } from "../../functions/core/model/row.ts";
import { fence } from "../../functions/fence.ts";
import { guard } from "../../functions/guard.ts";
import { type Context, createContext } from "../../functions/runtime/context.ts";
import { unfence } from "../../functions/unfence.ts";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { simulate, type World } from "../../simulator/kernel.ts";
import { createSimulatedNet } from "../../simulator/network/net.ts";
import type { Fault } from "../../simulator/scenario/fault.ts";
import { services } from "../../simulator/services.ts";
import { aPlan, aRow, aRun, aServerItem } from "./builders.ts";
import { anOutside } from "./context.ts";
import { simulated } from "./simulated.ts";

const { primary, recovery } = aPlan().regions;

/** Servers of the one resource, in the subnets of the zones in turn. */
export const servers = (
  ...specs: {
    type?: string;
    autoScaling?: boolean;
    address?: string;
    stopProtected?: boolean;
    terminationProtected?: boolean;
    spot?: "one-time" | "persistent";
  }[]
) => ({
  servers: { web: specs.map((spec, at) => ({ name: `web-${at + 1}`, type: "m5.large", ...spec })) },
});

export type FenceScene = {
  world: World;
  context: Context;
  run: ReturnType<typeof aRun>;
  /** The steps as they run in one container each; `watch` sees its calls first. */
  fence(watch?: Watch): ReturnType<typeof fence>;
  /** Fence as the machine runs it: again while it is not done, and after a passing error. */
  fenced(): ReturnType<typeof fence>;
  unfence(): ReturnType<typeof unfence>;
  guard(watch?: Watch): ReturnType<typeof guard>;
  setRow(row: Partial<Row>): Promise<unknown>;
  advance(seconds: number): Promise<void>;
  /** States of the source's servers, oldest first. */
  states(): string[];
  /** Calls that change something in the source, as `StopInstances`. */
  changes(): string[];
  /** ACLs of the source that are not the default ones. */
  madeAcls(): string[];
};

/** Fence, Unfence and Guard on the simulated AWS, with a row whose lease the run has. */
export const fenceScene = <T>(
  {
    recover,
    inventory,
    faults = [],
    seed = 1,
  }: { recover?: Partial<Plan["recover"]>; inventory: unknown; faults?: Fault[]; seed?: number },
  body: (scene: FenceScene) => Promise<T>,
): Promise<T> => {
  const plan = aPlan({ recover: { ...aPlan().recover, ...recover } });
  return simulated({ plan, inventory, faults, seed }, async ({ world, context, advance }) => {
    const planVersion = await context.store.savePlan(plan);
    const run = aRun({ planVersion, unfenceOnFailure: true });
    const lease = {
      id: run.id,
      name: run.name,
      machine: "failover",
      acquiredAt: "",
      phaseBefore: "protected" as const,
    };
    const setRow = (row: Partial<Row>) => {
      const { run: held, protect: _protect, lastRun: _lastRun, ...rest } = aRow({ generation: 2, ...row });
      return context.table.put({ pk: "shop", sk: "row" }, { ...rest, ...(held && { run: held }) });
    };
    await setRow({ phase: "running", run: { ...lease, points: {} } });
    const container = (region: string, watch: Watch[] = []) => {
      const outside = anOutside({ watches: [...watch, simulate(world, services)], net: createSimulatedNet(world) });
      return createContext({ ...outside, now: () => new Date(), settings: { ...outside.settings, region } });
    };
    for (const server of ec2Of(world, primary).instances.keys())
      await context.store.addServer("shop", run.name, aServerItem({ server, point: "p" }));
    const input = { run, lease: { value: { generation: 2 } } };
    const pass = (watches: Watch[], before?: FenceResult) =>
      fence({ ...input, ...(before && { fence: { value: before } }) }, container(recovery, watches));
    const fenced = async (before?: FenceResult, tries = 1): Promise<FenceResult> => {
      const result = await pass([], before).catch(async (error: Error) => {
        if (error.name !== "TransientError" || tries > 6) throw error;
        await advance(20);
        return fenced(before, tries + 1);
      });
      if (result.done) return result;
      await advance(result.waitSeconds);
      return fenced(result, tries);
    };
    return body({
      world,
      context,
      run,
      advance,
      setRow,
      fence: (watch) => pass(watch ? [watch] : []),
      fenced,
      unfence: () => unfence(input, container(recovery)),
      guard: (watch) => guard({ application: "shop" }, container(primary, watch ? [watch] : [])),
      states: () => [...ec2Of(world, primary).instances.values()].map(({ state }) => state),
      changes: () =>
        world.journal
          .filter(({ mutating, region, outcome }) => mutating && region === primary && outcome === "ok")
          .map(({ operation }) => operation),
      madeAcls: () =>
        [...ec2Of(world, primary).networkAcls.values()].filter((acl) => !acl.isDefault).map(({ id }) => id),
    });
  });
};

/** A container that dies once this call has had its effect: no reply to it, nor to anything later. */
export const dyingAfter = (operation: string): Watch => {
  let isDead = false;
  return async (call: Call, next) => {
    if (isDead) return new Promise(() => undefined);
    if (call.operation !== operation) return next();
    isDead = true;
    await next();
    return new Promise(() => undefined);
  };
};
