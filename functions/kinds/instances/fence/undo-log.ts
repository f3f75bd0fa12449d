import { type Held, heldOf, toRemember } from "../../../core/fence/undo-log.ts";
import type { Context } from "../../../runtime/context.ts";

/** Where something is fenced, and by whom: a run, or `guard`. */
export type Place = {
  context: Context;
  application: string;
  region: string;
  by: string;
  /** The same for every try at the same fence: ClientTokens derive from it. */
  token: string;
};

/** What is held back in a Region, as it was found and as it is added to. */
export type Memory = {
  held: Held[];
  /** Written ahead, and for certain: throws when the table does not take it, and then nothing may be done. */
  remember(doing: Partial<Parameters<typeof toRemember>[1]>): Promise<void>;
  /** These were not stopped after all: a way back does not start them. */
  unstopped(servers: string[]): Promise<void>;
};

/** `written` is told all that is held, each time something was added. */
export const openMemory = async (
  { context, application, region, by }: Place,
  written: (held: Held[]) => Promise<void>,
): Promise<Memory> => {
  const { store, now } = context;
  const save = async (fresh: Held[]) => {
    if (fresh.length === 0) return;
    await store.saveHeld(application, region, fresh);
    const isFresh = (one: Held) => fresh.some(({ kind, id }) => kind === one.kind && id === one.id);
    memory.held = [...memory.held.filter((one) => !isFresh(one)), ...fresh];
    await written(memory.held);
  };
  const memory: Memory = {
    held: await store.held(application, region),
    remember: ({ servers = [], groups = [], subnets = [] }) =>
      save(toRemember(memory.held, { servers, groups, subnets }, by, now().toISOString())),
    unstopped: (servers) =>
      save(
        heldOf(memory.held, "server").flatMap((one) =>
          one.stopped && servers.includes(one.id) ? [{ ...one, stopped: false }] : [],
        ),
      ),
  };
  return memory;
};
