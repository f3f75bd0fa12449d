import * as z from "zod/mini";
import type { LedgerEntry } from "../aws/store.ts";
import { LeaseInput, RunInput } from "../core/inputs.ts";
import type { Run } from "../core/run.ts";
import type { Server } from "../core/server.ts";
import { type Look, nextPass, openPass, type Pass, underWay } from "../core/wave-pass.ts";
import type { Context } from "./context.ts";

/** What every pass over the waves of a run is given. */
export const PassInput = z.object({
  run: RunInput,
  lease: LeaseInput,
  wave: z.object({ index: z.number() }),
  pass: z.optional(z.object({ value: z.custom<Pass>((value) => value !== undefined) })),
});
export type PassInput = z.infer<typeof PassInput>;

/** A finished step of one server, for the ledger. */
type Told = { state: string; startedAt: string | null; outcome: string; detail: Record<string, unknown> };

/**
 * One pass: the servers of the run as the table has them, and how it ends. A server that another invocation has written
 * meanwhile stays as that one left it: the next pass reads it.
 */
export const beginPass = async ({ run, wave, pass }: PassInput, context: Context) => {
  const { store, now } = context;
  const begunAt = now();
  const plan = await store.plan(run.application, run.planVersion);
  const servers = new Map((await store.servers(run.application, run.name)).map((one) => [one.server, one]));
  const opened = openPass(pass?.value ?? null, wave.index, begunAt);
  const told: LedgerEntry[] = [];

  /** Writes one server; null when it is another's meanwhile. */
  const save = async (server: Server): Promise<Server | null> => {
    const saved = await store.saveServer(run.application, run.name, server);
    if (saved) servers.set(saved.server, saved);
    else context.log.warn("another step has written this server", { server: server.server });
    return saved;
  };
  const tell = ({ server, resource }: Server, { state, startedAt, outcome, detail }: Told) => {
    const times = { startedAt: startedAt ?? begunAt.toISOString(), endedAt: now().toISOString() };
    told.push({ run: run.name, state, subject: server, ...times, outcome, detail: { resource, ...detail } });
  };
  const end = async (look: Look, changes: Partial<Pass> = {}): Promise<Pass> => {
    await record(context, run, told);
    return nextPass([...servers.values()], plan, { ...opened, ...changes }, look, now());
  };

  return {
    plan,
    pass: opened,
    begunAt,
    /** All servers of the run. */
    servers,
    /** Those of the waves under way that are in this state now. */
    inState: (state: Server["state"]) =>
      underWay([...servers.values()], plan, opened.index).filter((one) => one.state === state),
    save,
    tell,
    end,
  };
};
export type WavePass = Awaited<ReturnType<typeof beginPass>>;

/** Best effort, as in ledger.ts. */
const record = async ({ store, log }: Context, { application }: Run, told: LedgerEntry[]) => {
  try {
    await store.recordAll(application, told);
  } catch (error) {
    const { name, message } = error as Error;
    log.warn("steps could not be written into the ledger", { code: name, message });
  }
};
