import { expect, test } from "vitest";
import { createStore } from "../../functions/aws/store/store.ts";
import type { Table } from "../../functions/aws/store/table.ts";
import { unproven } from "../../functions/core/readiness/proof.ts";
import { deployAll } from "../../infra/deploy-all.ts";
import { deployerStatements, operatorStatements } from "../../infra/iam/people.ts";
import { scopeOf } from "../../infra/iam/scope.ts";
import { removeAll } from "../../infra/remove-all.ts";
import { isAllowed } from "../../simulator/iam/policy.ts";
import { aPlan } from "../support/builders.ts";
import { resolved } from "../support/rights.ts";
import { aDeployment, anAccount } from "./deployment.ts";

anAccount();

const plan = aPlan();
const policy = resolved(deployerStatements(scopeOf(plan), [], plan.application), "*");
const verbs: Record<string, string> = {
  get: "GetItem",
  getMany: "BatchGetItem",
  query: "Query",
  page: "Query",
  put: "PutItem",
  update: "UpdateItem",
  write: "BatchWriteItem",
  remove: "DeleteItem",
};
const denial = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });

/** The table as DynamoDB gives it to whoever has the policy; what was denied goes into `denied`. */
const guarded = (table: Table, denied: string[], called: Set<string>): Table =>
  new Proxy(table, {
    get(target, name: string) {
      const verb = verbs[name];
      const method = Reflect.get(target, name);
      if (!verb) return method;
      return async (first: unknown, ...rest: unknown[]) => {
        const keys = [first].flat().map((key) => (typeof key === "string" ? key : (key as { pk: string }).pk));
        const action = `dynamodb:${verb}`;
        called.add(action);
        const resource = "arn:aws:dynamodb:*:111122223333:table/lifeboat";
        if (isAllowed(policy, { action, resource, keys: { "dynamodb:LeadingKeys": keys } }))
          return method.call(target, first, ...rest);
        denied.push(`${action} ${keys}`);
        throw denial;
      };
    },
  });

test("the deployer's policy lets deploy and remove read and write what they do beside another plan, noted or not", async () => {
  const [denied, called] = [[] as string[], new Set<string>()];
  const deployment = aDeployment();
  await deployment.store.savePlan(aPlan({ application: "older" }));
  const at = "2026-03-02T12:00:00.000Z";
  await deployment.store.saveProof("older", { ...unproven(at), at, provenAt: at });
  const tableIn = (region: string) => guarded(deployment.tableIn(region), denied, called);
  const table = tableIn(plan.regions.recovery);
  const under = { ...deployment, tableIn, table, store: createStore(table) };
  await deployAll(plan, true, under);
  await removeAll(plan, { controllers: false, yes: true }, under);
  // the proof of each day does it for the plans of others
  expect(denied).toEqual(["dynamodb:PutItem older"]);
  expect(await deployment.store.applications()).toEqual(["older"]);
  const granted = policy.flatMap(({ actions }) => actions).filter((action) => action.startsWith("dynamodb:"));
  expect(granted.filter((action) => !called.has(action) && action !== "dynamodb:BatchGetItem")).toEqual([]);
  expect(isAllowed(policy, asked("PutItem", "older"))).toBe(false);
});

const asked = (verb: string, key: string) => ({
  action: `dynamodb:${verb}`,
  resource: "arn:aws:dynamodb:*:111122223333:table/lifeboat",
  keys: { "dynamodb:LeadingKeys": [key] },
});

test("another fault than a denial is none to go on after", async () => {
  const deployment = aDeployment();
  await deployment.store.savePlan(aPlan({ application: "older" }));
  deployment.store.makeProofDue = async () => {
    throw Object.assign(new Error("no"), { name: "InternalServerError" });
  };
  await expect(deployAll(plan, true, deployment)).rejects.toThrow("no");
});

test("what deploy looks at in its end, the deployer may read as the person on call may", () => {
  const scope = scopeOf(plan);
  const may = new Set(deployerStatements(scope, [], "shop").flatMap(({ actions }) => actions));
  const machines = /^states:(Start|Stop|GetExecutionHistory)|^dynamodb:UpdateItem/;
  const looks = operatorStatements(scope).flatMap(({ actions }) => actions);
  expect(looks.filter((action) => !may.has(action) && !machines.test(action))).toEqual([]);
});
