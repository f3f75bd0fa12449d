import type { Table } from "../functions/aws/store/table.ts";
import { bothRegions, homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { accountOf } from "../terminal/account.ts";
import { ScriptError } from "./arguments.ts";
import { atRest } from "./at-rest.ts";
import { confirm } from "./confirm.ts";
import type { Deployment } from "./deploy-all.ts";
import { forgetPlan } from "./forget-plan.ts";
import { type Hold, whileHeld } from "./hold.ts";
import { forgetScope, servedBy } from "./iam/scopes.ts";
import { withProgress } from "./progress.ts";
import { type Stack, stacksOf } from "./stacks.ts";

/** `controllers`: also those, which serve every application; `yes`: nobody is asked. */
type Removal = { controllers: boolean; yes: boolean };

/**
 * Removes the stacks of the plan, in the reverse order of deploy. The controllers serve every application: they go only
 * when asked for, and only when this plan is the last one of both. No deployment changes them meanwhile. A stack that is gone already counts as removed, so that the same
 * command goes on where it stopped. The table, the reports and the switch stay (docs/deploy.md).
 */
export const removeAll = async (plan: Plan, { controllers, yes }: Removal, deployment: Deployment) => {
  const { clients, store, tableIn, log, ask } = deployment;
  const account = await accountOf(clients, homeOf(plan));
  log(`account ${account}: ${plan.application}, ${bothRegions(plan).join(" -> ")}`);
  await atRest(store, plan);
  const stacks = stacksOf(plan).toReversed();
  const going = stacks.filter(({ role }) => controllers || role !== "controller");
  log("This removes the following stacks; after that, no run of the application can start:");
  for (const { stackName, region } of going) log(`  ${stackName} in ${region}`);
  await confirm("Remove", "removed", { ask, yes });
  await whileHeld(Object.values(plan.regions).map(tableIn), plan.application, (held) =>
    removeHeld(plan, going, { controllers, account }, deployment, held),
  );
};

const removeHeld = async (
  plan: Plan,
  going: Stack[],
  { controllers, account }: { controllers: boolean; account: string },
  { table, tableIn, remove, log }: Deployment,
  held: Hold,
) => {
  if (controllers) for (const region of Object.values(plan.regions)) await refuseWhenOthersStand(plan, tableIn(region));

  for (const stack of going) {
    const place = `${stack.stackName} in ${stack.region}`;
    log(`${place}: removing`);
    await held.renew();
    await withProgress(place, null, log, (onLine) => remove(stack, onLine));
    log(`${place} of ${account}: removed`);
  }
  await forgetPlan(table, plan.application);
  for (const region of Object.values(plan.regions)) await forgetScope(tableIn(region), plan.application);
  log(`${plan.application}: no run can start any more. docs/deploy.md lists what is kept and how to delete it.`);
};

const refuseWhenOthersStand = async ({ application }: Plan, table: Table) => {
  const others = (await servedBy(table)).filter((name) => name !== application);
  if (others.length > 0)
    throw new ScriptError(
      `the controllers also serve ${others.join(", ")}`,
      "Remove these plans first, or leave out --controllers.",
    );
};
