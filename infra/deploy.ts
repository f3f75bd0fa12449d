import { readDeployment, runScript } from "./arguments.ts";
import { deployAll } from "./deploy-all.ts";
import { outside } from "./outside.ts";

await runScript(async () => {
  const { plan, options, instanceRoles } = readDeployment("deploy", process.argv.slice(2));
  await deployAll(plan, outside(plan, options), instanceRoles);
});
