import type { Clients } from "../functions/aws/clients.ts";
import type { Store } from "../functions/aws/store.ts";
import type { Table } from "../functions/aws/table.ts";
import type { Plan } from "../functions/core/plan.ts";
import { accountOf } from "./account.ts";
import { atRest } from "./at-rest.ts";
import { instanceRolesOf } from "./instance-roles.ts";
import { refuseTooFew } from "./reservations.ts";
import { scopeOf } from "./scope.ts";
import { noteScope, scopeBefore, scopeWith } from "./scopes.ts";
import type { ScopeIn, Stack } from "./stacks.ts";

export type Deployment = {
  clients: Clients;
  /** Of the recovery Region. */
  store: Store;
  table: Table;
  /** Lambda functions at once that it takes for itself. */
  reserved: number;
  /** Of the controller in a Region. */
  tableIn: (region: string) => Table;
  packageAll: (plan: Plan, told: (line: string) => void, scopeIn: ScopeIn) => Promise<Stack[]>;
  /** Of a stack that packageAll has made. */
  deploy: (stack: Stack) => Promise<unknown>;
  remove: (stack: Stack) => Promise<unknown>;
  told: (line: string) => void;
  /** What is left to people once all is deployed, a line each. Never throws. */
  leftToDo: (plan: Plan) => Promise<string[]>;
};

/**
 * Packages and deploys every stack of the plan: the controllers, then the plan itself into the table of the recovery
 * Region, then what starts runs of it; then says what is left to do by hand. Throws ScriptError without credentials, and
 * while a run is on (law 1).
 */
export const deployAll = async (plan: Plan, deployment: Deployment, instanceRoles: string[] = []) => {
  const { clients, store, packageAll, deploy, told, leftToDo } = deployment;
  const account = await accountOf(clients, plan.regions.recovery);
  await atRest(store, plan);
  await refuseTooFew(clients, Object.values(plan.regions), deployment.reserved);
  const rights = await rightsOf(plan, deployment, instanceRoles);
  const stacks = await packageAll(plan, told, rights.scopeIn);

  const put = async (stack: Stack) => {
    await deploy(stack);
    told(`${stack.stackName} in ${stack.region} of ${account}: deployed`);
  };
  for (const stack of stacks.filter(({ role }) => role === "controller")) await put(stack);
  await atRest(store, plan);
  await storeWith(rights, plan, deployment);
  for (const stack of stacks.filter(({ role }) => role !== "controller")) await put(stack);
  for (const line of await leftToDo(plan)) told(line);
};

/** Between the controllers and the other stacks, for whoever deploys the templates by other means: what is no resource. */
export const storePlan = async (plan: Plan, deployment: Deployment, instanceRoles: string[] = []) => {
  await atRest(deployment.store, plan);
  await storeWith(await rightsOf(plan, deployment, instanceRoles), plan, deployment);
};

const storeWith = async (rights: { note(): Promise<unknown> }, plan: Plan, { store, told }: Deployment) => {
  await rights.note();
  const version = await store.savePlan(plan);
  await store.beginProof(plan.application, new Date());
  told(`plan ${version} of ${plan.application} in ${plan.regions.recovery}: stored`);
};

/**
 * What the roles of both controllers may touch: what this plan names, and what the plans do that they serve beside it. Roles
 * for servers that were named once stay named. `note`: so that later deployments of others keep it.
 */
const rightsOf = async (plan: Plan, { clients, tableIn, told }: Deployment, instanceRoles: string[]) => {
  const { application, regions } = plan;
  const found = await instanceRolesOf(clients, plan);
  for (const line of found.told) told(line);
  const both = [regions.recovery, regions.primary];
  const before = await scopeBefore(tableIn(regions.recovery), application);
  const own = scopeOf(plan, [...found.roles, ...instanceRoles, ...(before?.instanceRoles ?? [])]);
  const scopes = new Map(
    await Promise.all(
      both.map(async (region) => [region, await scopeWith(tableIn(region), application, own)] as const),
    ),
  );
  return {
    scopeIn: (region: string) => scopes.get(region) ?? own,
    note: () => Promise.all(both.map((region) => noteScope(tableIn(region), application, own))),
  };
};
