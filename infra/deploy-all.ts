import type { Clients } from "../functions/aws/clients.ts";
import type { Store } from "../functions/aws/store.ts";
import type { Table } from "../functions/aws/table.ts";
import type { Plan } from "../functions/core/plan.ts";
import { accountOf } from "./account.ts";
import { atRest } from "./at-rest.ts";
import type { Stack } from "./stacks.ts";

export type Deployment = {
  clients: Clients;
  /** Of the recovery Region. */
  store: Store;
  table: Table;
  packageAll: (plan: Plan, told: (line: string) => void) => Promise<Stack[]>;
  /** Of a stack that packageAll has made. */
  deploy: (stack: Stack) => Promise<unknown>;
  remove: (stack: Stack) => Promise<unknown>;
  told: (line: string) => void;
};

/**
 * Packages and deploys every stack of the plan: the controllers, then the plan itself into the table of the recovery
 * Region, then what starts runs of it. Throws ScriptError without credentials, and while a run is on (law 1).
 */
export const deployAll = async (plan: Plan, { clients, store, packageAll, deploy, told }: Deployment) => {
  const account = await accountOf(clients, plan.regions.recovery);
  await atRest(store, plan);
  const stacks = await packageAll(plan, told);

  const put = async (stack: Stack) => {
    await deploy(stack);
    told(`${stack.stackName} in ${stack.region} of ${account}: deployed`);
  };
  for (const stack of stacks.filter(({ role }) => role === "controller")) await put(stack);
  await atRest(store, plan);
  const version = await store.savePlan(plan);
  await store.beginProof(plan.application, new Date());
  told(`plan ${version} of ${plan.application} in ${plan.regions.recovery}: stored`);
  for (const stack of stacks.filter(({ role }) => role !== "controller")) await put(stack);
};
