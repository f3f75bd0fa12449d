import type { Row } from "../model/row.ts";

export type GuardDecision = {
  action: "nothing" | "isolate";
  code: "Unclear" | "NotFailedOver" | "ActiveHere" | "ActiveElsewhere";
  because: string;
};

/**
 * Law 2, for a Region that wakes: may its guard stop the application's servers in `own`? Only when the row, just read,
 * says that a failover is over and another Region serves. No row, or one that is not understood, is no leave (law 11).
 */
export const judgeGuard = (row: Row | null, own: string): GuardDecision => {
  if (!row?.active || !row.phase)
    return { action: "nothing", code: "Unclear", because: "the recovery Region gives no row of this application" };
  const { application, active, phase } = row;
  if (phase !== "failedOver")
    return { action: "nothing", code: "NotFailedOver", because: `${application} is ${phase}` };
  if (active === own) return { action: "nothing", code: "ActiveHere", because: `${application} is active here` };
  const because = `${application} failed over and is active in ${active}: it must not run in ${own}`;
  return { action: "isolate", code: "ActiveElsewhere", because };
};
