import { deploymentOf, deploymentOptions } from "./arguments.ts";
import { namedRoles } from "./iam/instance-roles.ts";
import { deployerStatements, documentsOf, operatorStatements } from "./iam/people.ts";
import { scopeOf } from "./iam/scope.ts";
import { runScript } from "./script.ts";
import { resourceTypesOf, stacksOf } from "./stacks.ts";

const script = {
  name: "policies",
  does: "Prints the IAM policies for the deployer and the on-call operator of a plan (docs/security.md).",
  options: deploymentOptions,
};

await runScript(script, async (values, { out }) => {
  const { plan, options, instanceRoles } = deploymentOf(values);
  const scope = scopeOf(plan, [...namedRoles(plan), ...instanceRoles]);
  const account = plan.notify.topics[0]?.split(":")[4] ?? "*";
  const types = resourceTypesOf(stacksOf(plan, options));
  const policies = {
    deployer: deployerStatements(scope, types, plan.application),
    operator: operatorStatements(scope),
  };
  const documents = Object.entries(policies).map(([who, statements]) => [who, documentsOf(statements, account)]);
  out(JSON.stringify(Object.fromEntries(documents), null, 2));
});
