import { readDeployment, runScript } from "./arguments.ts";
import { namedRoles } from "./instance-roles.ts";
import { packageAll } from "./package-all.ts";
import { scopeOf } from "./scope.ts";

await runScript(async () => {
  const { plan, options, instanceRoles } = readDeployment("package", process.argv.slice(2));
  const scopeIn = () => scopeOf(plan, [...namedRoles(plan), ...instanceRoles]);
  await packageAll(plan, console.log, { ...options, scopeIn });
});
