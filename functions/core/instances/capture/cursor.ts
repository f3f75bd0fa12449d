import { noneYet, type Tally } from "../../tally.ts";

/** Cursor of Catalog over the servers of one point, for one kind of work: small enough for the machine's state. */
export type Cursor = {
  /** Last server that was processed; null = none. */
  after: string | null;
  /** Servers for which the work failed. */
  failed: Tally;
  /** True when a server must be processed again. */
  again: boolean;
  /** No further work is possible now. */
  over: boolean;
};

export const newCursor: Cursor = { after: null, failed: noneYet, again: false, over: false };
