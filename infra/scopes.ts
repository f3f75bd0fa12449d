import { codeOf } from "../functions/aws/errors.ts";
import { createStore } from "../functions/aws/store.ts";
import type { Table } from "../functions/aws/table.ts";
import type { Plan } from "../functions/core/plan.ts";
import { joined, type Scope, scopeOf } from "./scope.ts";

/** Partition with what each application needs of the roles of the controller that has this table. */
const partition = "#scopes";

/**
 * What the other applications of a controller need of its roles: what their deployments noted, and the plans that were
 * stored before deployments noted it. Nothing where there is no table yet.
 */
export const scopesBeside = async (table: Table, application: string, rolesOf: RolesOf): Promise<Scope[]> => {
  try {
    const noted = await table.query<{ application: string; scope: Scope }>(partition, "");
    const store = createStore(table);
    const known = new Set([application, ...noted.map((one) => one.application)]);
    const unnoted = (await store.applications()).filter((name) => !known.has(name));
    const older = await Promise.all(
      unnoted.map(async (name) => {
        const plan = await storedPlan(table, name);
        return plan ? [scopeOf(plan, await rolesOf(plan))] : [];
      }),
    );
    return [...noted.flatMap((one) => (one.application === application ? [] : [one.scope])), ...older.flat()];
  } catch (error) {
    if (codeOf(error) === "ResourceNotFoundException") return [];
    throw error;
  }
};

/** Roles that the servers of a plan may get. */
export type RolesOf = (plan: Plan) => Promise<string[]>;

/** The plan by which an application runs now; null before its first deployment. */
export const storedPlan = async (table: Table, application: string): Promise<Plan | null> => {
  try {
    const store = createStore(table);
    const version = await store.currentPlanVersion(application);
    return version ? await store.plan(application, version) : null;
  } catch (error) {
    if (codeOf(error) === "ResourceNotFoundException") return null;
    throw error;
  }
};

/** The scope that an application had with its last deployment there; null when there was none. */
export const scopeBefore = async (table: Table, application: string): Promise<Scope | null> => {
  try {
    return (await table.get<{ scope: Scope }>({ pk: partition, sk: application }))?.scope ?? null;
  } catch (error) {
    if (codeOf(error) === "ResourceNotFoundException") return null;
    throw error;
  }
};

export const noteScope = (table: Table, application: string, scope: Scope) =>
  table.put({ pk: partition, sk: application }, { application, scope });
/** Where the table is gone there is nothing to forget. */
export const forgetScope = async (table: Table, application: string): Promise<void> => {
  try {
    await table.remove({ pk: partition, sk: application });
  } catch (error) {
    if (codeOf(error) !== "ResourceNotFoundException") throw error;
  }
};

/** Of every application of a controller, with this one as it is now. */
export const scopeWith = async (table: Table, application: string, own: Scope, rolesOf: RolesOf): Promise<Scope> =>
  joined([own, ...(await scopesBeside(table, application, rolesOf))]);
