import type { Program } from "../processes.ts";
import type { Regime } from "../regimes.ts";

export type Round = { endpoint: string; regime: Regime; volumes: number };

/** A tool of the bench: what is run of it, in this order. Only `copies`, `rerun`, `idle` and `prune` are counted. */
export type Tool = {
  name: string;
  version: string;
  /** Most volumes that it is tried with. */
  volumesMax: number;
  /** True when its prune leaves the copies of this cycle: they are judged after it. */
  keepsNewest: boolean;
  prepare(round: Round): Promise<Parts>;
};

export type Parts = {
  /** What must have been before the cycle. */
  before: Program[];
  copies: Program[];
  /** After it was killed. */
  rerun: Program[];
  /** A further pass; none = the tool would copy everything once more. */
  again: Program[];
  /** With nothing to do. */
  idle: Program[];
  prune: Program[];
};
