import type { Clients } from "../functions/aws/clients.ts";
import type { Store } from "../functions/aws/store.ts";
import type { Table } from "../functions/aws/table.ts";
import type { Plan } from "../functions/core/plan.ts";
import { accountOf } from "./account.ts";
import { ScriptError } from "./arguments.ts";
import { atRest } from "./at-rest.ts";
import { instanceRolesOf } from "./instance-roles.ts";
import { withProgress } from "./progress.ts";
import { refuseTooFew } from "./reservations.ts";
import { joined, scopeOf } from "./scope.ts";
import { noteScope, scopeBefore, scopeWith, storedPlan } from "./scopes.ts";
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
  /** Of a stack that packageAll has made: resources in its template. */
  resourcesOf: (stack: Stack) => Promise<number>;
  /** `heard` gets each line of what does it. */
  deploy: (stack: Stack, heard: (line: string) => void) => Promise<unknown>;
  remove: (stack: Stack, heard: (line: string) => void) => Promise<unknown>;
  /** Asks on a terminal; null when there is none. */
  ask: (question: string) => Promise<string | null>;
  told: (line: string) => void;
  /** What is left to people once all is deployed, a line each. Never throws. */
  leftToDo: (plan: Plan) => Promise<string[]>;
};

/**
 * Packages and deploys every stack of the plan: the controllers, then the plan itself into the table of the recovery
 * Region, then what starts runs of it. Says what it would make before it asks, which `yes` answers, and at the end what is left
 * to do by hand. Throws ScriptError while a run is on (law 1), and when nobody says yes.
 */
export const deployAll = async (plan: Plan, yes: boolean, deployment: Deployment, instanceRoles: string[] = []) => {
  const { clients, store, packageAll, deploy, told, leftToDo } = deployment;
  const account = await accountOf(clients, plan.regions.recovery);
  told(`account ${account}: ${plan.application}, ${plan.regions.primary} -> ${plan.regions.recovery}`);
  await atRest(store, plan);
  await refuseTooFew(clients, Object.values(plan.regions), deployment.reserved);
  const rights = await rightsOf(plan, deployment, instanceRoles);
  const stacks = await packageAll(plan, told, rights.scopeIn);
  const sizes = await tellStacks(stacks, account, deployment);
  if (!yes) await confirm(deployment);

  const put = async (stack: Stack) => {
    const place = `${stack.stackName} in ${stack.region}`;
    told(`[${stacks.indexOf(stack) + 1}/${stacks.length}] ${place}: deploying`);
    await withProgress(place, sizes.get(stack) ?? null, told, (heard) => deploy(stack, heard));
    told(`${place} of ${account}: deployed`);
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
  // the roles of a controller are those of all that it serves: each proves its own anew
  for (const application of await store.applications()) await store.beginProof(application, new Date());
  told(`plan ${version} of ${plan.application} in ${plan.regions.recovery}: stored`);
};

/**
 * What the roles of both controllers may touch: what this plan names, what the one before it does (a run may begin, or a deployment
 * end, before the plan is stored), and what the plans do that they serve beside it. Roles for servers that were named once stay
 * named. `note`: so that later deployments of others keep it.
 */
const rightsOf = async (plan: Plan, { clients, tableIn, told }: Deployment, instanceRoles: string[]) => {
  const { application, regions } = plan;
  const found = await instanceRolesOf(clients, plan);
  for (const line of found.told) told(line);
  const both = [regions.recovery, regions.primary];
  const before = await scopeBefore(tableIn(regions.recovery), application);
  const own = scopeOf(plan, [...found.roles, ...instanceRoles, ...(before?.instanceRoles ?? [])]);
  const stored = await storedPlan(tableIn(regions.recovery), application);
  const either = stored ? joined([own, scopeOf(stored)]) : own;
  const rolesOf = async (other: Plan) => (await instanceRolesOf(clients, other)).roles;
  const scopes = new Map(
    await Promise.all(
      both.map(async (region) => [region, await scopeWith(tableIn(region), application, either, rolesOf)] as const),
    ),
  );
  return {
    scopeIn: (region: string) => scopes.get(region) ?? either,
    note: () => Promise.all(both.map((region) => noteScope(tableIn(region), application, own))),
  };
};

/** What will stand where, a line for each stack; gives the number of resources of each. */
const tellStacks = async (stacks: Stack[], account: string, { resourcesOf, told }: Deployment) => {
  const sizes = new Map<Stack, number>();
  for (const stack of stacks) sizes.set(stack, await resourcesOf(stack));
  const count = (stack: Stack) => Object.keys(stack.functions).length;
  const line = (place: string, resources: number, functions: number) =>
    `  ${place.padEnd(60)} ${String(resources).padStart(4)} resources, ${String(functions).padStart(2)} functions`;
  told(`In the account ${account} this makes, or brings up to date:`);
  for (const stack of stacks) told(line(`${stack.stackName} in ${stack.region}`, sizes.get(stack)!, count(stack)));
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  told(line(`${stacks.length} stacks`, sum([...sizes.values()]), sum(stacks.map(count))));
  return sizes;
};

const confirm = async ({ ask }: Deployment) => {
  const answer = await ask("Deploy? [y/N] ");
  if (answer === null) throw new ScriptError("nothing was deployed", "Read what it would make; --yes deploys it.");
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new ScriptError("nothing was deployed", "Start it again when you want it.");
};
