import type { PlacementMemory } from "../../core/instances/launch/placement-memory.ts";
import type { Server } from "../../core/model/server.ts";
import type { Table } from "./table.ts";

const keyOf = (application: string, run: string, server: string) => ({
  pk: application,
  sk: `server#${run}#${server}`,
});
const wavesKey = (application: string, run: string) => ({ pk: application, sk: `waves#${run}` });
const slotsKey = (application: string, run: string) => ({ pk: application, sk: `slots#${run}` });

/** Execution (ARN) of a run that may have launched servers, and its waves: names of resources and number of servers. */
export type Waves = { id: string; waves: { resources: string[]; servers: number }[] };

/** Items of the table that say how far the servers of a run are. */
export const serverItems = (table: Table) => ({
  servers: (application: string, run: string) => table.query<Server>(application, `server#${run}#`),
  /** False when it is there already: it stays as it is. */
  addServer: (application: string, run: string, server: Server) =>
    table.put(keyOf(application, run, server.server), server, { absent: "pk" }),
  /** Gives the server as it is stored now, or null when another step has written it since it was read: nothing changes then. */
  async saveServer(application: string, run: string, server: Server): Promise<Server | null> {
    const next = { ...server, version: server.version + 1 };
    const saved = await table.put(keyOf(application, run, server.server), next, { equal: ["version", server.version] });
    return saved ? next : null;
  },

  waves: (application: string, run: string) => table.get<Waves>(wavesKey(application, run)),
  saveWaves: (application: string, run: string, waves: Waves) => table.put(wavesKey(application, run), waves),

  async slots(application: string, run: string): Promise<PlacementMemory> {
    return (await table.get<{ slots: PlacementMemory }>(slotsKey(application, run)))?.slots ?? {};
  },
  /** A lost write costs calls, nothing else. */
  saveSlots: (application: string, run: string, slots: PlacementMemory) =>
    table.put(slotsKey(application, run), { slots }),
});
