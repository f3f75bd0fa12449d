import { createClients } from "../functions/aws/clients.ts";
import { createStore } from "../functions/aws/store.ts";
import { createTable } from "../functions/aws/table.ts";
import type { Plan } from "../functions/core/plan.ts";
import type { Deployment } from "./deploy-all.ts";
import type { Options } from "./functions.ts";
import { leftToDo } from "./left-to-do.ts";
import { tableName } from "./names.ts";
import { osls } from "./osls.ts";
import { packageAll, writeFragment } from "./package-all.ts";
import { reservedOf } from "./reservations.ts";

/** AWS with the credentials of whoever runs the script. */
export const outside = ({ regions }: Plan, options: Options = { approvalPage: false }): Deployment => {
  const clients = createClients();
  const tableIn = (region: string) => createTable(clients, region, tableName);
  const table = tableIn(regions.recovery);
  return {
    clients,
    table,
    tableIn,
    reserved: reservedOf(options),
    store: createStore(table),
    packageAll: (plan, told, scopeIn) => packageAll(plan, told, { ...options, scopeIn }),
    deploy: (stack) => osls("deploy", stack),
    async remove(stack) {
      await writeFragment(stack);
      await osls("remove", stack);
    },
    told: console.log,
    leftToDo: (plan) => leftToDo(plan),
  };
};
