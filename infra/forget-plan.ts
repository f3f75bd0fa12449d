import { applicationsKey } from "../functions/aws/store/store.ts";
import type { Table } from "../functions/aws/store/table.ts";

/**
 * Takes the current plan and the name of an application out of a table, so that no machine can be started for it. Its
 * row, points, manifests and ledger stay: deployed again, the plan finds them.
 */
export const forgetPlan = async (table: Table, application: string) => {
  await table.remove({ pk: application, sk: "plan" });
  const list = await table.get<{ names: string[]; count: number }>(applicationsKey);
  if (!list?.names.includes(application)) return;
  const names = list.names.filter((name) => name !== application);
  await table.put(applicationsKey, { names, count: names.length }, { equal: ["count", list.count] });
};
