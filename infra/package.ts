import { deploymentOf, deploymentOptions } from "./arguments.ts";
import { namedRoles } from "./iam/instance-roles.ts";
import { scopeOf } from "./iam/scope.ts";
import { packageAll } from "./package-all.ts";
import { runScript } from "./script.ts";

const script = {
  name: "package",
  does: "Builds and compiles every stack of a plan into .package/, offline and without credentials (docs/deploy.md).",
  options: deploymentOptions,
};

await runScript(script, async (values, { out }) => {
  const { plan, options, instanceRoles } = deploymentOf(values);
  const scopeIn = () => scopeOf(plan, [...namedRoles(plan), ...instanceRoles]);
  await packageAll(plan, out, { ...options, scopeIn });
});
