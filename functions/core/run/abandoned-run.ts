import { secondsSince } from "../clock/time.ts";
import { limits } from "../limits.ts";
import type { Row } from "../model/row.ts";
import type { Run } from "../model/run.ts";

/** A run that ended without a delivered report: the report was not written, or no topic took it. Times are ISO 8601. */
export type UnreportedRun = {
  id: string;
  name: string;
  machine: string;
  acquiredAt: string;
  /** The run as it described itself, if it did. */
  run?: Run | undefined;
  /** It was reported, but more is known now: its report is written once more. */
  again?: boolean | undefined;
  /** When it was found to be unreported, and when `close` last tried to report it. */
  since: string;
  triedAt: string;
};

/** An execution that the row or an unreported run names, and how it ended (null while it runs). */
export type Holder = {
  id: string;
  name: string;
  machine: string;
  acquiredAt: string;
  run?: Run | undefined;
  again?: boolean | undefined;
  /** `none`: it holds no lease, but it is not reported. */
  lease: "run" | "protect" | "rotate" | "none";
  ending: { status: string; stoppedAt: Date; error: string | null; cause: string | null } | null;
};

/** The run that `close` cleans up: its lease, its report or its message is still open. */
export type AbandonedRun = Omit<Holder, "ending"> & {
  status: string;
  endedAt: string;
  error: string | null;
  cause: string | null;
};

export type Finding = {
  /** `ending`: the execution is over, but its last Lambda may still be at work. */
  finding: "idle" | "ending" | "ended";
  waitSeconds: number;
  closing?: AbandonedRun;
};

/** Everything that may have to be cleaned up: lease holders, then unreported runs, the one tried longest ago first. */
export const holdersOf = ({ run, protect, rotate }: Row, unreported: UnreportedRun[]): Omit<Holder, "ending">[] => {
  const held = [
    ...(run ? [{ ...pick(run), lease: "run" as const }] : []),
    ...(protect ? [{ ...pick(protect), lease: "protect" as const }] : []),
    ...(rotate ? [{ ...pick(rotate), lease: "rotate" as const }] : []),
  ];
  const others = unreported
    .filter(({ id }) => !held.some((one) => one.id === id))
    .sort((a, b) => a.triedAt.localeCompare(b.triedAt));
  return [...held, ...others.map((one) => ({ ...pick(one), run: one.run, again: one.again, lease: "none" as const }))];
};

const pick = ({ id, name, machine, acquiredAt }: Omit<Holder, "ending" | "lease" | "run" | "again">) => ({
  id,
  name,
  machine,
  acquiredAt,
});

/** Finds the run to clean up: a dead run before a dead pass of replication or rotation, and what is over for certain before the rest. */
export const judgeHolders = (holders: Holder[], now: Date): Finding => {
  const dead = holders
    .flatMap(({ ending, ...holder }) =>
      ending ? [{ holder, ending, waitSeconds: secondsLeft(ending.stoppedAt, now) }] : [],
    )
    .sort((a, b) => Number(a.waitSeconds > 0) - Number(b.waitSeconds > 0));
  const [first] = dead;
  if (!first) return { finding: "idle", waitSeconds: 1 };
  if (first.waitSeconds > 0) return { finding: "ending", waitSeconds: first.waitSeconds };

  const { status, stoppedAt, error, cause } = first.ending;
  const closing = { ...first.holder, status, endedAt: stoppedAt.toISOString(), error, cause };
  return { finding: "ended", waitSeconds: 1, closing };
};

/** Whole seconds until no Lambda of an execution that stopped then can still be at work; 0 = none can. */
const secondsLeft = (stoppedAt: Date, now: Date) =>
  Math.max(0, Math.floor(limits.longestStepSeconds - (now.getTime() - stoppedAt.getTime()) / 1_000) + 1);

/** Whether a report is still worth sending: after a day it is no news, and the fault that prevents it does not pass. */
export const isWorthSending = (since: string, now: Date) => secondsSince(since, now) < limits.untoldSeconds;
