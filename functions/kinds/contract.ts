import type { Findings } from "../core/findings.ts";
import type { Exposure } from "../core/model/exposure.ts";
import type { Resource } from "../core/model/plan.ts";
import type { Run } from "../core/model/run.ts";
import type { Context } from "../runtime/context.ts";

/** Between which Regions, of which application. */
export type Route = Pick<Run, "application" | "source" | "target">;

/** What a kind does in the machines. Each verb may run twice, and ends in a bounded loop of its machine. */
export type Verb =
  /** Brings replication to what the plan says, or runs the transfer that is due. */
  | "protect"
  /** Lets the source take no more writes, and proves it; or says that it cannot be reached. */
  | "fence"
  /** Makes the target take writes. */
  | "promote"
  /** Asks the target as its users do. */
  | "verify"
  /** Protects in the other direction. */
  | "reverse"
  /** Recovers a copy that reaches nothing of production. */
  | "drill"
  /** Leaves nothing of a drill. */
  | "cleanUp";

/**
 * What a kind of resource promises. A kind is a folder of its own beside `instances/`, an entry of the table in kinds.ts, and
 * its part of the plan; test/kinds/contract.ts holds every kind to this.
 */
export type Kind = {
  /**
   * How old is what could be recovered: of the point that the run has pinned, else of the newest. Reads the table alone, since
   * the loss gate and `status` ask it while a Region is down; changes nothing.
   */
  exposure(context: Context, route: Route, resource: Resource, pinned: string | null): Promise<Exposure>;
  /** Could it be recovered in the target now? Asks AWS; changes nothing. A problem refuses the run, a warning does not. */
  assess(context: Context, run: Run, resource: Resource, pinned: string | null): Promise<Findings>;
  /** States of the machines that carry out each verb; empty where the kind has nothing to do, absent where it is not built. */
  states: Partial<Record<Verb, string[]>>;
};
