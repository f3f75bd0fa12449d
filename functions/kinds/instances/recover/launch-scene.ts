import type { Instance } from "../../../aws/ec2/instances.ts";
import type { Subnet } from "../../../core/instances/launch/placement.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Server } from "../../../core/model/server.ts";
import type { Context } from "../../../runtime/context.ts";
import type { SharedPlacements } from "./shared-placements.ts";

/** What the launches of one pass share. */
export type Scene = {
  context: Context;
  run: Run;
  plan: Plan;
  subnets: Subnet[];
  slots: SharedPlacements;
  /** Instances of this run that EC2 has ended, by server. */
  dead: Map<string, Instance[]>;
  /** Private addresses of instances of earlier runs that are going away -> instance id. */
  leaving: Map<string, string>;
  /** Was IMDSv1 refused in this pass? */
  tokens: { required: boolean };
  /** Resolves when RunInstances may be called, or false when this pass starts nothing more. */
  turn(): Promise<boolean>;
  /** What RunInstances said: the pace follows it. */
  noteReply(code: string | null): void;
  save(server: Server): Promise<Server | null>;
};
