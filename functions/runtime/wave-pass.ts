import * as z from "zod/mini";
import type { LedgerEntry } from "../aws/store/store.ts";
import type { Run } from "../core/model/run.ts";
import type { Server } from "../core/model/server.ts";
import { LeaseInput, RunInput } from "../core/run/machine-state.ts";
import { isSoon, type Look, nextPass, openPass, type Pass, underWay } from "../core/run/wave-pass.ts";
import type { Context } from "./context.ts";
import { sleep } from "./sleep.ts";

/** What every pass over the waves of a run is given. */
export const PassInput = z.object({
  run: RunInput,
  lease: LeaseInput,
  wave: z.object({ index: z.number() }),
  pass: z.optional(z.object({ value: z.custom<Pass>((value) => value !== undefined) })),
});
export type PassInput = z.infer<typeof PassInput>;

/** A finished step of one server, for the ledger. */
type StepRecord = { state: string; startedAt: string | null; outcome: string; detail: Record<string, unknown> };

/**
 * One pass of an invocation that began at `begunAt`: the servers of the run as the table has them, and how it ends. A server that
 * another invocation has written meanwhile stays as that one left it: the next pass reads it.
 */
export const beginPass = async ({ run, wave, pass }: PassInput, context: Context, begunAt = context.now()) => {
  const { store, now } = context;
  const [plan, known] = await Promise.all([
    store.plan(run.application, run.planVersion),
    store.servers(run.application, run.name),
  ]);
  const servers = new Map(known.map((one) => [one.server, one]));
  const opened = openPass(pass?.value ?? null, wave.index, begunAt);
  const entries: LedgerEntry[] = [];

  /** Writes one server; null when it is another's meanwhile. */
  const save = async (server: Server): Promise<Server | null> => {
    const saved = await store.saveServer(run.application, run.name, server);
    if (saved) servers.set(saved.server, saved);
    else context.log.warn("another step has written this server", { server: server.server });
    return saved;
  };
  const record = ({ server, resource }: Server, { state, startedAt, outcome, detail }: StepRecord) => {
    const times = { startedAt: startedAt ?? begunAt.toISOString(), endedAt: now().toISOString() };
    entries.push({ run: run.name, state, subject: server, ...times, outcome, detail: { resource, ...detail } });
  };
  const end = async (look: Look, changes: Partial<Pass> = {}): Promise<Pass> => {
    await writeEntries(context, run, entries);
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
    record,
    end,
  };
};
export type WavePass = Awaited<ReturnType<typeof beginPass>>;

/**
 * One invocation goes on with its look while nothing else is due and the next one comes soon: a state of the machine for each
 * would come later, and fill the history. Every look ends by the clock of the invocation, `begunAt`.
 */
export const whileSoon =
  (name: Look, look: (input: PassInput, context: Context, begunAt: Date) => Promise<Pass>) =>
  async (input: PassInput, context: Context): Promise<Pass> => {
    const begunAt = context.now();
    let pass = await look(input, context, begunAt);
    const { passes } = pass;
    while (isSoon(pass, name, begunAt, context.now())) {
      await sleep(pass.waitSeconds);
      pass = { ...(await look({ ...input, pass: { value: pass } }, context, begunAt)), passes };
    }
    return pass;
  };

/** Best effort, as in ledger.ts. */
const writeEntries = async ({ store, log }: Context, { application }: Run, entries: LedgerEntry[]) => {
  try {
    await store.recordAll(application, entries);
  } catch (error) {
    const { name, message } = error as Error;
    log.warn("steps could not be written into the ledger", { code: name, because: message });
  }
};
