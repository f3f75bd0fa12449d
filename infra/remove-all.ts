import type { Plan } from "../functions/core/plan.ts";
import { accountOf } from "./account.ts";
import { ScriptError } from "./arguments.ts";
import { atRest } from "./at-rest.ts";
import type { Deployment } from "./deploy-all.ts";
import { forgetPlan } from "./forget-plan.ts";
import { withProgress } from "./progress.ts";
import { forgetScope } from "./scopes.ts";
import { stacksOf } from "./stacks.ts";

/**
 * Removes the stacks of the plan, in the reverse order of deploy. The controllers serve every application: they go only
 * when asked for, and only when this plan is the last one. A stack that is gone already counts as removed, so that the same
 * command goes on where it stopped. The table, the reports and the switch stay (docs/deploy.md).
 */
export const removeAll = async (plan: Plan, controllers: boolean, deployment: Deployment) => {
  const { clients, store, table, tableIn, remove, told } = deployment;
  const account = await accountOf(clients, plan.regions.recovery);
  told(`account ${account}: ${plan.application}, ${plan.regions.primary} -> ${plan.regions.recovery}`);
  await atRest(store, plan);
  if (controllers) await refuseWhenOthersStand(plan, deployment);

  for (const stack of stacksOf(plan).toReversed()) {
    if (stack.role === "controller" && !controllers) continue;
    const place = `${stack.stackName} in ${stack.region}`;
    told(`${place}: removing`);
    await withProgress(place, null, told, (heard) => remove(stack, heard));
    told(`${place} of ${account}: removed`);
  }
  await forgetPlan(table, plan.application);
  for (const region of Object.values(plan.regions)) await forgetScope(tableIn(region), plan.application);
  told(`${plan.application}: no run can start any more. What stays, and how to delete it: docs/deploy.md.`);
};

const refuseWhenOthersStand = async ({ application }: Plan, { store }: Deployment) => {
  const others = (await store.applications()).filter((name) => name !== application);
  if (others.length > 0)
    throw new ScriptError(
      `the controllers also serve ${others.join(", ")}`,
      "Remove these plans first, or leave out --controllers.",
    );
};
