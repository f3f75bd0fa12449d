import { planOf, planOption } from "./arguments.ts";
import { outside } from "./outside.ts";
import { removeAll } from "./remove-all.ts";
import { runScript } from "./script.ts";

const script = {
  name: "remove",
  does: "Says which stacks of a plan go, asks, and removes them, except what must outlive it. Started again, it goes on where it stopped (docs/deploy.md).",
  options: {
    ...planOption,
    yes: { says: "do not ask" },
    controllers: { says: "also the controllers of both Regions, when this plan is the last one" },
  },
};

await runScript(script, async ({ texts, switches }, { out, named }) => {
  const plan = planOf(texts.plan!, true);
  named(plan);
  await removeAll(plan, { controllers: switches.controllers === true, yes: switches.yes === true }, outside(plan, out));
});
