/**
 * The authority of one application (invariant 1): one item in the table of the recovery Region, changed only by conditional
 * writes. `generation` rises with each run that acquires the lease; the same run acquiring again keeps it.
 */
export type Row = {
  application: string;
  /** The Region that serves now. */
  active: string;
  /** The Region whose table is the authority; absent in a row from before there was a choice: the one of that table. */
  home?: string;
  generation: number;
  phase: Phase;
  /** 0: traffic belongs to the plan's primary; 1: to its recovery Region. Published as the takeover metric. */
  switch: 0 | 1;
  run: RunLease | null;
  protect: ProtectLease | null;
  /** Held beside `protect`: the two never write the same points. */
  rotate?: ProtectLease | null;
  /** End of the last run that moved or tried to move the application; starts the block period. */
  lastRun: LastRun | null;
};

export type LastRun = {
  id: string;
  name: string;
  outcome: string;
  endedAt: string;
  /** It moved the row, but was not seen to move the traffic; absent when there is nothing to finish. */
  unfinished?: Unfinished | undefined;
};

/**
 * `of`: the run that moved the row, whose ledger knows what it changed; `tries`: runs that went on with it so far; `because`: why
 * the last one did not finish it; `refused`: trying again changes nothing until a person has mended that.
 */
export type Unfinished = { of: string; tries: number; because?: string | undefined; refused?: true | undefined };

export type Phase = "protected" | "running" | "failedOver" | "reprotecting";

/** The lease of a failover. It names its execution and never expires. */
export type RunLease = {
  /** Execution ARN. */
  id: string;
  name: string;
  machine: string;
  acquiredAt: string;
  phaseBefore: Phase;
  /** Pinned recovery points: resource -> point id. */
  points: Record<string, string>;
  /** Resource -> why another point than the one that was pinned first is restored. */
  instead?: Record<string, string>;
};

/** The lease of replicate or rotate: a run pre-empts it at once. */
export type ProtectLease = { id: string; name: string; machine: string; acquiredAt: string };
