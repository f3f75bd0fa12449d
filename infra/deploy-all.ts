import type { Clients } from "../functions/aws/calls/clients.ts";
import { codeOf } from "../functions/aws/calls/errors.ts";
import type { Store } from "../functions/aws/store/store.ts";
import type { Table } from "../functions/aws/store/table.ts";
import { bothRegions, homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { isDenial } from "../functions/core/readiness/proof.ts";
import { accountOf } from "../terminal/account.ts";
import { ScriptError } from "./arguments.ts";
import { atRest } from "./at-rest.ts";
import { confirm } from "./confirm.ts";
import { whileHeld } from "./hold.ts";
import { instanceRolesOf } from "./iam/instance-roles.ts";
import { joined, reaches, type Scope, scopeOf } from "./iam/scope.ts";
import { noteScope, scopeBefore, scopeWith, storedPlan } from "./iam/scopes.ts";
import { withProgress } from "./progress.ts";
import { refuseTooFew } from "./reservations.ts";
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
  packageAll: (plan: Plan, log: (line: string) => void, scopeIn: ScopeIn) => Promise<Stack[]>;
  /** Of a stack that packageAll has made: resources in its template. */
  resourcesOf: (stack: Stack) => Promise<number>;
  /** `onLine` gets each line of what does it. */
  deploy: (stack: Stack, onLine: (line: string) => void) => Promise<unknown>;
  remove: (stack: Stack, onLine: (line: string) => void) => Promise<unknown>;
  /** Asks on a terminal; null when there is none. */
  ask: (question: string) => Promise<string | null>;
  log: (line: string) => void;
  /** What is left to people once all is deployed, a line each. Never throws. */
  leftToDo: (plan: Plan) => Promise<string[]>;
};

/**
 * Packages and deploys every stack of the plan: the controllers, then the plan itself into the table of the recovery
 * Region, then what starts runs of it. Says what it would make before it asks, which `yes` answers, and at the end what is left
 * to do by hand. Throws ScriptError while a run is on (invariant 1), and when nobody says yes.
 */
export const deployAll = async (plan: Plan, yes: boolean, deployment: Deployment, instanceRoles: string[] = []) => {
  const { clients, store, packageAll, deploy, log, leftToDo } = deployment;
  const account = await accountOf(clients, homeOf(plan));
  log(`account ${account}: ${plan.application}, ${bothRegions(plan).join(" -> ")}`);
  await atRest(store, plan);
  await refuseTooFew(clients, Object.values(plan.regions), deployment.reserved);
  const first = await rightsOf(plan, deployment, instanceRoles);
  let stacks = await packageAll(plan, log, first.scopeIn);
  const sizes = await logStacks(stacks, account, deployment);
  await confirm("Deploy", "deployed", { ...deployment, yes });

  const put = async (stack: Stack) => {
    const place = `${stack.stackName} in ${stack.region}`;
    log(`[${stacks.indexOf(stack) + 1}/${stacks.length}] ${place}: deploying`);
    await withProgress(place, sizes.get(stack) ?? null, log, (onLine) => deploy(stack, onLine));
    log(`${place} of ${account}: deployed`);
  };
  await whileHeld(Object.values(plan.regions).map(deployment.tableIn), plan.application, async (held) => {
    const quietly = { ...deployment, log: () => {} };
    let made = first;
    for (let rounds = 0; ; rounds++) {
      await held.renew();
      const rights = await rightsOf(plan, quietly, instanceRoles);
      await rights.note();
      if (!made.reach(rights)) {
        log("another deployment ran in between: packaging again with the permissions that both need");
        stacks = await packageAll(plan, log, rights.scopeIn);
        made = rights;
      } else if (rounds > 0) break;
      if (rounds === roundsMax) throw new ScriptError("other deployments kept running in between", again);
      for (const stack of stacks.filter(({ role }) => role === "controller")) {
        await held.renew();
        await put(stack);
      }
    }
    await atRest(store, plan);
    await storeWith(made, plan, deployment);
  });
  for (const stack of stacks.filter(({ role }) => role !== "controller")) await put(stack);
  for (const line of await leftToDo(plan)) log(line);
};
const roundsMax = 3;
const again = "Wait until they have ended, then run the same command again.";

/** Between the controllers and the other stacks, for whoever deploys the templates by other means: what is no resource. */
export const storePlan = async (plan: Plan, deployment: Deployment, instanceRoles: string[] = []) => {
  await whileHeld(Object.values(plan.regions).map(deployment.tableIn), plan.application, async () => {
    await atRest(deployment.store, plan);
    const rights = await rightsOf(plan, deployment, instanceRoles);
    await rights.note();
    await storeWith(rights, plan, deployment);
  });
};

/** What the plan before named is forgotten last: what dies before that leaves roles that are too wide, not too narrow. */
const storeWith = async (rights: Pick<Rights, "forget">, plan: Plan, { store, log }: Deployment) => {
  const version = await store.savePlan(plan);
  await rights.forget();
  await store.beginProof(plan.application, new Date());
  for (const application of await store.applications())
    if (application !== plan.application) await proveAnew(application, store);
  log(`plan ${version} of ${plan.application} in ${homeOf(plan)}: stored`);
};

/** The roles of a controller are those of all that it serves. Who may write one plan's items only leaves it to the proof of each day. */
const proveAnew = async (application: string, store: Store) => {
  try {
    await store.makeProofDue(application);
  } catch (error) {
    if (!isDenial(codeOf(error))) throw error;
  }
};

/**
 * What the roles of both controllers may touch: what this plan names, what the one before it does (a run may begin, or a deployment
 * end, before the plan is stored), and what the plans do that they serve beside it. Roles for servers that were named once stay
 * named. `note`: so that deployments of others keep all of it, from before the roles are made; `forget`: what only the plan before
 * this one named.
 */
const rightsOf = async (plan: Plan, { clients, tableIn, log }: Deployment, instanceRoles: string[]) => {
  const { application, regions } = plan;
  const found = await instanceRolesOf(clients, plan);
  for (const line of found.notices) log(line);
  const both = bothRegions({ regions }).reverse();
  const before = await scopeBefore(tableIn(homeOf({ regions })), application);
  const own = scopeOf(plan, [...found.roles, ...instanceRoles, ...(before?.instanceRoles ?? [])]);
  const stored = await storedPlan(tableIn(homeOf({ regions })), application);
  const either = stored ? joined([own, scopeOf(stored)]) : own;
  const rolesOf = async (other: Plan) => (await instanceRolesOf(clients, other)).roles;
  const scopes = new Map(
    await Promise.all(
      both.map(async (region) => [region, await scopeWith(tableIn(region), application, either, rolesOf)] as const),
    ),
  );
  const scopeIn = (region: string) => scopes.get(region) ?? either;
  const noteAs = (scope: Scope) => Promise.all(both.map((region) => noteScope(tableIn(region), application, scope)));
  return {
    scopeIn,
    note: () => noteAs(either),
    forget: () => noteAs(own),
    /** Whether roles that were made of this have all rights of the other's. */
    reach: (other: { scopeIn: ScopeIn }) => both.every((region) => reaches(scopeIn(region), other.scopeIn(region))),
  };
};
type Rights = Awaited<ReturnType<typeof rightsOf>>;

/** What will stand where, a line for each stack; gives the number of resources of each. */
const logStacks = async (stacks: Stack[], account: string, { resourcesOf, log }: Deployment) => {
  const sizes = new Map<Stack, number>();
  for (const stack of stacks) sizes.set(stack, await resourcesOf(stack));
  const count = (stack: Stack) => Object.keys(stack.functions).length;
  const line = (place: string, resources: number, functions: number) =>
    `  ${place.padEnd(60)} ${String(resources).padStart(4)} resources, ${String(functions).padStart(2)} functions`;
  log(`This creates or updates in account ${account}:`);
  for (const stack of stacks) log(line(`${stack.stackName} in ${stack.region}`, sizes.get(stack)!, count(stack)));
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  log(line(`${stacks.length} stacks`, sum([...sizes.values()]), sum(stacks.map(count))));
  return sizes;
};
