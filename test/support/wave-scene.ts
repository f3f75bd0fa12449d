import type { Plan } from "../../functions/core/model/plan.ts";
import type { Server } from "../../functions/core/model/server.ts";
import { openPass, type Pass } from "../../functions/core/run/wave-pass.ts";
import { aPlan, aRow, aRun } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";

/** A run that holds the lease and has these servers in its table, at noon or so many seconds later. */
export const noon = "2026-03-02T12:00:00.000Z";
export const at = (seconds: number) => new Date(Date.parse(noon) + seconds * 1_000);
const run = aRun();
const points = { web: "web.20260302T113000Z" };
const held = { id: run.id, name: run.name, machine: "failover", acquiredAt: noon, points };

export const waveScene = async (
  { plan = aPlan(), servers, seconds = 0 }: { plan?: Plan; servers: Server[]; seconds?: number },
  over: Parameters<typeof aContext>[0] = {},
) => {
  const row = aRow({ phase: "running", run: { ...held, phaseBefore: "protected" } });
  const context = await withTable(aContext({ now: () => at(seconds), ...over }), { plan, row });
  for (const server of servers) await context.store.addServer(run.application, run.name, server);
  return context;
};

/** What the machine gives to a pass; `before`: what the pass before it said. */
export const passInput = (before: Partial<Pass> = {}, index = 0) => ({
  run,
  lease: { value: { generation: 1 } },
  wave: { index },
  pass: { value: { ...openPass(null, index, at(0)), ...before } },
});

type Scene = Awaited<ReturnType<typeof waveScene>>;
/** The servers as the table has them, and the steps that the ledger tells. */
export const serversIn = ({ store }: Scene) => store.servers(run.application, run.name);
export const toldIn = async ({ store }: Scene) =>
  (await store.ledger(run.application, run.name)).map(
    ({ state, subject, outcome }) => `${state} ${subject} ${outcome}`,
  );
