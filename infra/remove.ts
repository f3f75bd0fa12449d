import { planOf, planOption } from "./arguments.ts";
import { awsDeployment } from "./aws-deployment.ts";
import { removeAll } from "./remove-all.ts";
import { runScript } from "./script.ts";

const script = {
  name: "remove",
  does: "Lists the stacks of a plan, asks, and removes them, except what must be kept. Run it again to continue where it stopped (docs/deploy.md).",
  options: {
    ...planOption,
    yes: { says: "do not ask" },
    controllers: { says: "also remove the controllers of both Regions, if this is the last plan" },
  },
};

await runScript(script, async ({ texts, switches }, { out, named }) => {
  const plan = planOf(texts.plan!, true);
  named(plan);
  await removeAll(
    plan,
    { controllers: switches.controllers === true, yes: switches.yes === true },
    awsDeployment(plan, out),
  );
});
