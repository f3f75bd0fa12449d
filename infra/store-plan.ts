import { instanceRoleOption, instanceRolesIn, planOf, planOption } from "./arguments.ts";
import { awsDeployment } from "./aws-deployment.ts";
import { storePlan } from "./deploy-all.ts";
import { runScript } from "./script.ts";

const script = {
  name: "store-plan",
  does: "Stores a plan for its controllers, if you deploy the templates with another tool (docs/deploy.md).",
  options: { ...planOption, ...instanceRoleOption },
};

await runScript(script, async (values, { out, named }) => {
  const plan = planOf(values.texts.plan!);
  named(plan);
  await storePlan(plan, awsDeployment(plan, out), instanceRolesIn(values));
});
