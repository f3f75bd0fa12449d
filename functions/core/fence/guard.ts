import type { Row } from "../model/row.ts";
import type { FenceOutcome } from "./outcome.ts";

export type GuardDecision = {
  action: "nothing" | "isolate";
  code: "Unclear" | "NotFailedOver" | "ActiveHere" | "ActiveElsewhere";
  because: string;
};

export type GuardResult = {
  code: "Unclear" | "NotFailedOver" | "ActiveHere" | "Quiet" | "Acted" | "NotProven";
  because: string;
  /** Servers, subnets and Auto Scaling groups that were changed in this pass. */
  changed: string[];
};

/**
 * Invariant 2, for a Region that comes back: may its guard stop the application's servers in `own`? Only when the row, just
 * read, says that a failover is over and another Region is active. A missing or unreadable row is no permission (invariant 11).
 */
export const judgeGuard = (row: Row | null, own: string): GuardDecision => {
  if (!row?.active || !row.phase)
    return {
      action: "nothing",
      code: "Unclear",
      because: "the recovery Region returned no state record of this application",
    };
  const { application, active, phase } = row;
  if (phase !== "failedOver")
    return { action: "nothing", code: "NotFailedOver", because: `${application} is ${phase}` };
  if (active === own) return { action: "nothing", code: "ActiveHere", because: `${application} is active here` };
  const because = `${application} failed over and is active in ${active}: it must not run in ${own}`;
  return { action: "isolate", code: "ActiveElsewhere", because };
};

const mustNotStay = new Set(["pending", "running", "unknown"]);

/** What a pass did and left. `isAllowed`: the row, read again before the first change, still permitted it. */
export const summarizeGuard = (
  { answered, problems, changed, servers, groups, hanging }: FenceOutcome,
  { because }: GuardDecision,
  own: string,
  isAllowed: boolean,
): GuardResult => {
  const open = servers.flatMap(({ server, state }) => (mustNotStay.has(state) ? [server] : []));
  const left = [
    ...problems,
    ...[...open, ...groups.open].map((id) => `${id} still runs`),
    ...hanging.map((id) => `${id} hangs while it stops`),
  ];
  if (!answered) return { code: "NotProven", because: `${own} did not list its servers`, changed: [] };
  if (!isAllowed)
    return { code: "Unclear", because: "the state record changed, or could not be read again", changed: [] };
  if (changed.length > 0) return { code: "Acted", because: [because, ...left].join("; "), changed };
  return { code: left.length > 0 ? "NotProven" : "Quiet", because: left.join("; ") || because, changed };
};
