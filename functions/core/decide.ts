import type { EvidenceIncident } from "./evidence.ts";
import type { Detect } from "./plan.ts";
import type { Row } from "./row.ts";
import type { Verdict } from "./verdict.ts";
import { secondsSince } from "./witness.ts";

export type Decision = { action: "none" | "hold" | "notify" | "ask" | "act"; code: string; because: string };

type Case = {
  detect: Pick<Detect, "action" | "blockSeconds" | "armAfterHealthySeconds">;
  primary: string;
  row: Row;
  verdict: Verdict;
  armedAt: string | null;
  incident: EvidenceIncident | null;
  now: Date;
};

/** What follows from a verdict: a chain of guards, each of which says why it stops. */
export const decide = ({ detect, primary, row, verdict, armedAt, incident, now }: Case): Decision => {
  const { application, run, lastRun } = row;
  if (verdict.code === "Healthy") return { action: "none", code: "Healthy", because: verdict.because };
  if (run) return { action: "none", code: "RunInProgress", because: `${run.name} is moving ${application}` };
  if (row.active !== primary)
    return { action: "none", code: "AlreadyMoved", because: `${application} is served from ${row.active}` };
  if (verdict.code !== "RegionUnhealthy") return { action: "hold", code: verdict.code, because: verdict.because };

  const hold = (code: string, because: string): Decision => ({ action: "hold", code, because });
  if (row.phase !== "protected") return hold("NotProtected", `${application} is ${row.phase}, not protected`);
  if (incident?.answeredAt)
    return hold(
      "AlreadyAnswered",
      `incident ${incident.id} was answered at ${incident.answeredAt}; a person decides now`,
    );
  if (lastRun && secondsSince(lastRun.endedAt, now) < detect.blockSeconds)
    return hold("Blocked", `${lastRun.name} ended at ${lastRun.endedAt}; no other run for ${detect.blockSeconds} s`);
  if (!armedAt)
    return hold("NotArmed", `${application} was not yet seen healthy for ${detect.armAfterHealthySeconds} s`);

  const action = detect.action === "automatic" ? "act" : "notify";
  return { action, code: verdict.code, because: verdict.because };
};
