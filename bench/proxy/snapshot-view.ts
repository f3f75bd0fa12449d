import type { Filters } from "./read-call.ts";

/** What the proxy knows of the snapshots of moto, which are all completed the moment that they are made. */
export type Pending = { ids(): string[]; has(id: string): boolean };

/** How a listing is asked of moto: `filters` without what moto cannot know, and the states that are wanted of it. */
export type Question = { filters: Filters; states: string[] | null } | { nothing: true };

/**
 * A state is the proxy's to judge, so its filter stays here. Where only pending ones are wanted, moto is asked for those
 * by their ids: it need not look through all the others.
 */
export const questionOf = (filters: Filters, pending: Pending): Question => {
  const status = filters.find(({ name }) => name === "status");
  if (!status) return { filters, states: null };
  const rest = filters.filter((filter) => filter !== status);
  if (status.values.some((value) => value !== "pending")) return { filters: rest, states: status.values };
  const ids = pending.ids();
  return ids.length === 0
    ? { nothing: true }
    : { filters: [...rest, { name: "snapshot-id", values: ids }], states: status.values };
};

/** The items as EC2 would show them now; those in another state than the wanted ones are left out. */
export const viewOf = (
  items: string[],
  states: string[] | null,
  pending: Pending,
  startedAt: (id: string) => string | null,
): string[] =>
  items.flatMap((item) => {
    const id = /<snapshotId>([^<]+)</.exec(item)?.[1] ?? "";
    const state = pending.has(id) ? "pending" : "completed";
    if (states && !states.includes(state)) return [];
    const time = startedAt(id);
    const dated = time ? item.replace(/(<startTime>)[^<]*/, `$1${time}`) : item;
    if (state === "completed") return [dated];
    return [dated.replace(/(<status>)completed/, "$1pending").replace(/(<progress>)100%/, "$150%")];
  });
