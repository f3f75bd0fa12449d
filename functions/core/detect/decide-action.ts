import { secondsSince } from "../clock/time.ts";
import type { Controls } from "../model/operator-controls.ts";
import type { Detect } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { doneAbout, type EvidenceIncident } from "./incident.ts";
import type { Window } from "./maintenance.ts";
import type { Verdict } from "./verdict.ts";

export type Decision = { action: "none" | "hold" | "notify" | "ask" | "act"; code: string; because: string };

type Case = {
  detect: Pick<Detect, "action" | "blockSeconds" | "armAfterHealthySeconds">;
  primary: string;
  row: Row;
  controls: Controls;
  maintenance: Window | null;
  verdict: Verdict;
  armedAt: string | null;
  incident: EvidenceIncident | null;
  /** Why too many want to move at once; null when they do not. */
  storm: string | null;
  /** Why those who say unhealthy are not believed without a person; null when they are. */
  doubt: string | null;
  now: Date;
};

/** What follows from a verdict: a chain of guards, each of which says why it stops. */
export const decide = (given: Case): Decision => {
  const { detect, primary, row, verdict, storm } = given;
  const { application, run } = row;
  if (verdict.code === "Healthy") return { action: "none", code: "Healthy", because: verdict.because };
  if (run) return { action: "none", code: "RunInProgress", because: `${run.name} is moving ${application}` };
  if (isStarting(given))
    return { action: "none", code: "RunInProgress", because: `a run was just started for ${application}` };
  if (row.active !== primary)
    return { action: "none", code: "AlreadyMoved", because: `${application} is served from ${row.active}` };
  if (verdict.code !== "RegionUnhealthy") return { action: "hold", code: verdict.code, because: verdict.because };

  const held = holdOf(given);
  if (held) return held;
  const { code, because } = verdict;
  if (detect.action === "notify") return { action: "notify", code, because };
  if (detect.action === "approve") return { action: "ask", code, because };
  if (given.doubt) return { action: "hold", code: "OneVantage", because: `${because}; ${given.doubt}` };
  if (storm) return { action: "ask", code: "Storm", because: `${because}; ${storm}` };
  return { action: "act", code, because };
};

/** From the start of a run until its lease is in the row, seconds. */
const leaseSeconds = 10;

/** An evaluation between the start of a run and its lease finds neither a run nor anything to do. */
const isStarting = ({ incident, now, row, primary }: Case) =>
  (incident?.answer === "act" || incident?.answer === "ask") &&
  incident.answeredAt !== null &&
  row.active === primary &&
  secondsSince(incident.answeredAt, now) < leaseSeconds;

/** What keeps it from following a verdict against the Region, or null. */
const holdOf = ({ detect, row, controls, maintenance, armedAt, incident, now }: Case): Decision | null => {
  const { application, lastRun } = row;
  const hold = (code: string, because: string): Decision => ({ action: "hold", code, because });
  if (row.phase !== "protected") return hold("NotProtected", `${application} is ${row.phase}, not protected`);
  if (controls.paused) {
    const { by, at, reason } = controls.paused;
    return hold("Paused", `${by} paused ${application} at ${at}${reason ? `: ${reason}` : ""}`);
  }
  if (maintenance)
    return hold("Maintenance", `maintenance of ${application} (${maintenance.cron}) lasts until ${maintenance.until}`);
  if (incident?.answeredAt)
    return hold("AlreadyActedOn", `incident ${incident.id}: ${doneAbout(incident)}; a person decides what follows`);
  if (lastRun && !isAcknowledged(lastRun, controls) && secondsSince(lastRun.endedAt, now) < detect.blockSeconds)
    return hold(
      "Blocked",
      `${lastRun.name} ended at ${lastRun.endedAt}; no other run for ${detect.blockSeconds} s, or until it is acknowledged`,
    );
  if (!armedAt) return hold("NotArmed", `${application} has not been healthy for ${detect.armAfterHealthySeconds} s`);
  return null;
};

/** A person has taken note of the last run: it blocks the next one no longer. */
const isAcknowledged = ({ id, name }: NonNullable<Row["lastRun"]>, { acknowledged }: Controls) =>
  acknowledged !== null && (acknowledged.run === name || acknowledged.run === id);
