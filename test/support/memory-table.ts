import { createStore } from "../../functions/aws/store/store.ts";
import type { Condition, Key, Table } from "../../functions/aws/store/table.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Row } from "../../functions/core/model/row.ts";
import type { Context } from "../../functions/runtime/context.ts";

type Item = Record<string, unknown>;

/** A table in memory with the conditions of the real one, for tests of steps. `items` by "pk sk". */
export const aTable = (): Table & { items: Map<string, Item> } => {
  const items = new Map<string, Item>();
  const at = ({ pk, sk }: Key) => `${pk} ${sk}`;
  const holds = (key: Key, when: Condition): boolean => {
    if ("all" in when) return when.all.every((part) => holds(key, part));
    const value = (path: string) =>
      path.split(".").reduce<unknown>((part, name) => (part as Item | undefined)?.[name], {
        ...(items.has(at(key)) && key),
        ...items.get(at(key)),
      });
    return "absent" in when ? value(when.absent) === undefined : value(when.equal[0]) === when.equal[1];
  };
  return {
    region: "eu-central-1",
    items,
    get: async <T>(key: Key) => (items.has(at(key)) ? (structuredClone(items.get(at(key))) as T) : null),
    getMany: async (keys: Key[]) => keys.map((key) => structuredClone(items.get(at(key)) ?? null)),
    query: async <T>(pk: string, prefix: string) =>
      [...items.keys()]
        .filter((key) => key.startsWith(`${pk} ${prefix}`))
        .sort()
        .map((key) => structuredClone(items.get(key)) as T),
    page: async <T>(pk: string, prefix: string, limit: number, after?: string) => {
      const keys = [...items.keys()]
        .filter((key) => key.startsWith(`${pk} ${prefix}`) && (!after || key > `${pk} ${after}`))
        .sort();
      const found = keys.slice(0, limit);
      const last = found.at(-1)?.slice(pk.length + 1) ?? null;
      return {
        items: found.map((key) => structuredClone(items.get(key)) as T),
        after: keys.length > limit ? last : null,
      };
    },
    write: async (puts, removes = []) => {
      for (const { key, item } of puts) items.set(at(key), structuredClone(item));
      for (const key of removes) items.delete(at(key));
    },
    put: async (key, item, when) => {
      if (when && !holds(key, when)) return false;
      items.set(at(key), structuredClone(item));
      return true;
    },
    update: async (key, { set, remove }, when) => {
      if (when && !holds(key, when)) return false;
      const item = { ...items.get(at(key)), ...structuredClone(set) };
      for (const name of remove ?? []) delete item[name];
      items.set(at(key), item);
      return true;
    },
    remove: async (key) => {
      items.delete(at(key));
    },
  };
};

/** A context whose table holds this plan (as version v1) and this row. */
export const withTable = async <C extends Context>(context: C, { plan, row }: { plan: Plan; row: Row }): Promise<C> => {
  const table = aTable();
  await table.put({ pk: plan.application, sk: "plan#v1" }, { plan });
  const { run, protect, lastRun, ...rest } = row;
  await table.put(
    { pk: row.application, sk: "row" },
    { ...rest, ...(run && { run }), ...(protect && { protect }), ...(lastRun && { lastRun }) },
  );
  return { ...context, table, store: createStore(table) };
};
