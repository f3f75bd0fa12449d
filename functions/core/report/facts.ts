import type { FencedServer } from "../fence/facts.ts";
import type { LeftServer } from "../fence/unfence.ts";
import type { FenceChanges, UnfenceSummary } from "../fence/unfence-summary.ts";
import type { Plan } from "../model/plan.ts";
import type { Point } from "../model/recovery-point.ts";
import type { Row } from "../model/row.ts";
import type { Incident, Run, ServerRef } from "../model/run.ts";
import type { RotationTally } from "../points/rotation-tally.ts";
import type { Outcome, ReportedError } from "../run/outcome.ts";

/** A finished step, as the ledger has it. */
export type LedgerStep = {
  state: string;
  /** Server or resource; "" for a step of the whole run. */
  subject: string;
  startedAt: string;
  endedAt: string;
  outcome: string;
  detail: Record<string, unknown>;
};

export type ReportedRef = Pick<ServerRef, "resource" | "server" | "name" | "point">;

/** Everything that a report is made of. Values of states that the run did not reach are null. */
export type Facts = {
  run: Run;
  plan: Plan;
  row: Row | null;
  error: ReportedError | null;
  ledger: LedgerStep[];
  /** Every known point of every resource of the plan. */
  points: Point[];
  pinned: Record<string, string>;
  servers: ReportedRef[];
  warnings: string[];
  fence:
    | ({ at: string; sourceAnswered: boolean; done?: boolean; servers?: FencedServer[] } & Partial<FenceChanges>)
    | null;
  unfence: { started?: string[]; left?: LeftServer[]; held?: string[]; because: string } | null;
  unfenceError: ReportedError | null;
  traffic: { servedAt: string | null; answers?: { name: string; values: string[] }[] } | null;
  changes: { name: string; type: string; before: string[]; after: string[] }[];
  /** What a rotation did, and what became of the copies of a pass, as far as it came. */
  rotation: RotationTally | null;
  copies: CopyCounts | null;
  now: Date;
};

/** Volumes (or whole images) of one pass of replication: copied, failed, and still to be copied. */
export type CopyCounts = { copied: number; failed: number; left: number };

/** The report of a run, for operators (Markdown) and programs (JSON). Times are ISO 8601, durations seconds. */
export type Report = {
  application: string;
  machine: string;
  run: string;
  id: string;
  outcome: Outcome;
  error: ReportedError | null;
  request: Run["request"];
  incident: Incident | null;
  source: string;
  target: string;
  /** The active Region. */
  active: string | null;
  startedAt: string;
  endedAt: string;
  rtoSeconds: number | null;
  rpoSeconds: number | null;
  lossSeconds: number | null;
  objectives: Plan["objectives"];
  points: { resource: string; id: string; pointAt: string | null }[];
  servers: ReportedServer[];
  dns: { name: string; type: string; before: string[]; after: string[] }[];
  /** What a failed run moved anyway, and what is still missing, in a sentence; null when it moved nothing. */
  moved: string | null;
  /** Servers of the source that a failed run stopped; null when there are none. */
  unfence: UnfenceSummary | null;
  decisions: { at: string; action: string; code: string; because: string }[];
  steps: { state: string; subject: string; startedAt: string; endedAt: string; outcome: string }[];
  warnings: string[];
  /** Null of other machines. */
  rotation: RotationTally | null;
  copies: CopyCounts | null;
};

export type ReportedServer = ReportedRef & {
  instance: string | null;
  /** Instance type and subnet. */
  slot: string | null;
  address: string | null;
  servedAt: string | null;
};
