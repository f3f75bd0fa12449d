import type { Held } from "../../core/fence/undo-log.ts";
import type { Table } from "./table.ts";

const keyOf = (application: string, region: string, { kind, id }: Pick<Held, "kind" | "id">) => ({
  pk: application,
  sk: `held#${region}#${kind}#${id}`,
});

/** Items of the table that say what Lifeboat holds back in a Region. */
export const heldItems = (table: Table) => ({
  held: (application: string, region: string) => table.query<Held>(application, `held#${region}#`),
  saveHeld: (application: string, region: string, held: Held[]) =>
    table.write(held.map((one) => ({ key: keyOf(application, region, one), item: one }))),
  forgetHeld: (application: string, region: string, held: Held[]) =>
    table.write(
      [],
      held.map((one) => keyOf(application, region, one)),
    ),
});
