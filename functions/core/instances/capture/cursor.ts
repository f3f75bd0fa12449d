import { noneYet, type Tally } from "../../tally.ts";

/** How far Catalog is with the servers of one point in one respect: small enough to stand in the machine's state. */
export type Walk = {
  /** Server up to which it has come; null = none. */
  after: string | null;
  /** Servers for which it cannot be done. */
  failed: Tally;
  /** True when a server must be looked at again. */
  again: boolean;
  /** Nothing more can be done for now. */
  over: boolean;
};

export const newWalk: Walk = { after: null, failed: noneYet, again: false, over: false };
