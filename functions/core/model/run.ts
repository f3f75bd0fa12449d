import type { PlanSide } from "./direction.ts";
import type { Plan } from "./plan.ts";
import type { Unfinished } from "./row.ts";

/** What LoadPlan returns: `$.run` of every machine, and the only thing that later states know of the input. */
export type Run = {
  application: string;
  machine: "replicate" | "rotate" | "failover" | "close" | "answer";
  /** Execution ARN and name. */
  id: string;
  name: string;
  startedAt: string;
  planVersion: string;
  /** Sides of the plan, and their Regions: what is left, and what is moved or copied to. */
  from: PlanSide;
  to: PlanSide;
  source: string;
  target: string;
  fenceFirst: boolean;
  unfenceOnFailure: boolean;
  request: {
    by: "person" | "detect" | "schedule";
    reason: string | null;
    recoveryPoint: string;
    approve: boolean;
    force: boolean;
  };
  incident: Incident | null;
  /** This execution only answers the question of another run; null in every other. */
  answer: Approval | null;
  /** This execution finishes the move of an earlier run: it launches and fences nothing. Null in every other. */
  resume: Unfinished | null;
  /** A dry execution: it proves the rights of a failover, holds no lease, and changes nothing. Absent in every other. */
  proof?: true;
};

/** The run in whose ledger and under whose tags stands what this one goes on with: itself, but for one that finishes a move. */
export const originOf = (run: Run): Run => (run.resume ? { ...run, name: run.resume.of } : run);

/** What a person said to the run that asks: `run` is its name. */
export type Approval = { run: string; approved: boolean; by: string };

/** Given by detect to the run that it starts. Times are ISO 8601. */
export type Incident = {
  id: string;
  /** Time of the first failing evidence: RTO and loss count from it. */
  firstFailingAt: string;
  decidedAt: string;
  /** Sentence that says who saw what. */
  because: string;
  /** The run asks a person before it moves anything. */
  ask: boolean;
  /** One of many that ask at once: a message for all of them was sent. */
  storm?: boolean;
};

/** One server of a run. */
export type ServerRef = {
  resource: string;
  /** Instance id in the source Region. */
  server: string;
  point: string;
  name: string;
  /** Place among the servers of its resource, sorted by name: Elastic IP i belongs to server i. */
  index: number;
  /** Place of its Availability Zone among the source zones of its resource, sorted. */
  zone: number;
  /** It forwards what is meant for others: its source/destination check is off. */
  forwards?: true;
  /** Some of its volumes have tags of their own. */
  volumeTags?: true;
};

export const resourceOf = (plan: Plan, name: string) => {
  const found = plan.protect.find((resource) => resource.name === name);
  if (!found) throw new Error(`resource ${name} is not in the plan of ${plan.application}`);
  return found;
};
