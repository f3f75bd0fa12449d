import { codeOf } from "../../functions/aws/calls/errors.ts";
import { createStore } from "../../functions/aws/store/store.ts";
import type { Table } from "../../functions/aws/store/table.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { joined, type Scope, scopeOf } from "./scope.ts";

/** Partition with what each application needs of the roles of the controller that has this table. */
export const scopesPartition = "#scopes";

/**
 * What the other applications of a controller need of its roles: what their deployments noted, and the plans that were
 * stored before deployments noted it. Nothing where there is no table yet.
 */
export const scopesBeside = async (table: Table, application: string, rolesOf: RolesOf): Promise<Scope[]> => {
  const found = await unlessMissing(async () => {
    const noted = await table.query<{ application: string; scope: Scope }>(scopesPartition, "");
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
  });
  return found ?? [];
};

/** Roles that the servers of a plan may get. */
export type RolesOf = (plan: Plan) => Promise<string[]>;

/** The plan by which an application runs now; null before its first deployment. */
export const storedPlan = (table: Table, application: string): Promise<Plan | null> =>
  unlessMissing(async () => {
    const store = createStore(table);
    const version = await store.currentPlanVersion(application);
    return version ? await store.plan(application, version) : null;
  });

/** The scope that an application had with its last deployment there; null when there was none. */
export const scopeBefore = (table: Table, application: string): Promise<Scope | null> =>
  unlessMissing(
    async () => (await table.get<{ scope: Scope }>({ pk: scopesPartition, sk: application }))?.scope ?? null,
  );

/** Where there is no table yet, nobody else reads it either. */
export const noteScope = (table: Table, application: string, scope: Scope) =>
  unlessMissing(() => table.put({ pk: scopesPartition, sk: application }, { application, scope }));
/** Where the table is gone there is nothing to forget. */
export const forgetScope = (table: Table, application: string) =>
  unlessMissing(() => table.remove({ pk: scopesPartition, sk: application }));

/** Applications that a controller serves, or that a deployment which is not done has noted there; none without a table. */
export const servedBy = async (table: Table): Promise<string[]> => {
  const noted = () => table.query<{ application: string }>(scopesPartition, "");
  const found = await unlessMissing(async () => [
    ...(await createStore(table).applications()),
    ...(await noted()).map(({ application }) => application),
  ]);
  return [...new Set(found ?? [])].sort();
};

/** Null before the first deployment and after everything was deleted, when there is no table. */
export const unlessMissing = async <T>(ask: () => Promise<T>): Promise<T | null> => {
  try {
    return await ask();
  } catch (error) {
    if (codeOf(error) === "ResourceNotFoundException") return null;
    throw error;
  }
};

/** Of every application of a controller, with this one as it is now. */
export const scopeWith = async (table: Table, application: string, own: Scope, rolesOf: RolesOf): Promise<Scope> =>
  joined([own, ...(await scopesBeside(table, application, rolesOf))]);
