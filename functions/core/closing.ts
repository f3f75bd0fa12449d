import { limits } from "./limits.ts";

/** An execution that the row names, and how it ended (null while it runs). */
export type Holder = {
  id: string;
  name: string;
  machine: string;
  acquiredAt: string;
  lease: "run" | "protect" | "rotate";
  ending: { status: string; stoppedAt: Date; error: string | null; cause: string | null } | null;
};

/** The run that `close` closes: it ended where no Catch sees it, so its lease and its report are still open. */
export type Closing = {
  id: string;
  name: string;
  machine: string;
  acquiredAt: string;
  lease: "run" | "protect" | "rotate";
  status: string;
  error: string | null;
  cause: string | null;
};

export type Finding = {
  /** `ending`: the execution is over, but its last Lambda may still be at work. */
  finding: "idle" | "ending" | "ended";
  waitSeconds: number;
  closing?: Closing;
};

/** Finds what is to be closed: a dead run before a dead pass of replication or rotation, and what is over for certain before the rest. */
export const judgeHolders = (holders: Holder[], now: Date): Finding => {
  const dead = holders
    .flatMap(({ ending, ...holder }) =>
      ending ? [{ holder, ending, waitSeconds: secondsLeft(ending.stoppedAt, now) }] : [],
    )
    .sort((a, b) => Number(a.waitSeconds > 0) - Number(b.waitSeconds > 0));
  const [first] = dead;
  if (!first) return { finding: "idle", waitSeconds: 1 };
  if (first.waitSeconds > 0) return { finding: "ending", waitSeconds: first.waitSeconds };

  const { status, error, cause } = first.ending;
  return { finding: "ended", waitSeconds: 1, closing: { ...first.holder, status, error, cause } };
};

/** Whole seconds until no Lambda of an execution that stopped then can still be at work; 0 = none can. */
const secondsLeft = (stoppedAt: Date, now: Date) =>
  Math.max(0, Math.floor(limits.longestStepSeconds - (now.getTime() - stoppedAt.getTime()) / 1_000) + 1);
