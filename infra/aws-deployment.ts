import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createClients } from "../functions/aws/calls/clients.ts";
import { createStore } from "../functions/aws/store/store.ts";
import { createTable } from "../functions/aws/store/table.ts";
import { tableName } from "../functions/core/deployed-names.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { outside, personsClients } from "../terminal/outside.ts";
import { watchCalls } from "../terminal/waiting.ts";
import type { Deployment } from "./deploy-all.ts";
import type { Options } from "./functions.ts";
import { leftToDo } from "./left-to-do.ts";
import { osls, packageFolder, projectRoot } from "./osls.ts";
import { packageAll, writeFragment } from "./package-all.ts";
import { reservedOf } from "./reservations.ts";

/** AWS with the credentials of the caller. */
export const awsDeployment = (
  { regions }: Plan,
  log: (line: string) => void,
  options: Options = { approvalPage: false },
): Deployment => {
  const clients = createClients([watchCalls], personsClients());
  const tableIn = (region: string) => createTable(clients, region, tableName);
  const table = tableIn(homeOf({ regions }));
  return {
    clients,
    table,
    tableIn,
    reserved: reservedOf(options),
    store: createStore(table),
    packageAll: (plan, log, scopeIn) => packageAll(plan, log, { ...options, scopeIn }),
    async resourcesOf(stack) {
      const file = join(projectRoot, packageFolder(stack), "cloudformation-template-update-stack.json");
      return Object.keys(JSON.parse(await readFile(file, "utf8")).Resources).length;
    },
    deploy: (stack, onLine) => osls("deploy", stack, { onLine }),
    async remove(stack, onLine) {
      await writeFragment(stack);
      await osls("remove", stack, { onLine });
    },
    ask: outside.ask,
    log,
    leftToDo: (plan) => leftToDo(plan),
  };
};
