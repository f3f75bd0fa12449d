import { deploymentOf, deploymentOptions } from "./arguments.ts";
import { awsDeployment } from "./aws-deployment.ts";
import { deployAll } from "./deploy-all.ts";
import { runScript } from "./script.ts";

const script = {
  name: "deploy",
  does: "Packages every stack of a plan, shows what it would create and in which account, asks, and deploys (docs/deploy.md).",
  options: { ...deploymentOptions, yes: { says: "do not ask" } },
};

await runScript(script, async (values, { out, named }) => {
  const { plan, options, instanceRoles } = deploymentOf(values);
  named(plan);
  await deployAll(plan, values.switches.yes === true, awsDeployment(plan, out, options), instanceRoles);
});
