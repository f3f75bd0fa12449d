/** Result of a rehearsal from the users' side. */

import { protectedOf } from "../../functions/core/model/direction.ts";
import type { Execution } from "../machines/executions.ts";
import { outageOf } from "../world/users.ts";
import type { Story } from "./played-story.ts";

/** What a rehearsal knows and a controller does not: when the fault came, and what users got. Times are ISO 8601. */
export type UsersFigures = {
  /** From the fault until users were served again; null where no run moved them. */
  rtoFromFaultSeconds: number | null;
  /** Without service since time 0, until the story's end at the latest; null where the plan has no public name. */
  outageSeconds: number | null;
  /** When users were served again; null when they never were without, or still are. */
  served: string | null;
  /** Region that serves users at the end, null when none does. */
  servedBy: string | null;
};

/** `servedAt` (ms): by the run's own look, null when it never was. */
export const usersFigures = (story: Story, execution: Execution | null, servedAt: number | null): UsersFigures => {
  const { users, endedAt } = story;
  const outage = users && outageOf(users, endedAt);
  const again = outage?.until ?? null;
  const until = outage ? again : servedAt;
  const from = faultAt(story, execution, outage?.from ?? null);
  return {
    rtoFromFaultSeconds: servedAt !== null && until !== null ? Math.max(until, servedAt) / 1_000 - from / 1_000 : null,
    outageSeconds: users ? (outage?.seconds ?? 0) : null,
    served: again === null ? null : new Date(again).toISOString(),
    servedBy: users?.at(-1)?.region ?? null,
  };
};

/** The outage of the Region that the run left, else the first moment without service, else time 0. ms. */
const faultAt = ({ scenario, plan, zeroAt }: Story, execution: Execution | null, outageFrom: number | null) => {
  const before = execution?.startedAt ?? Number.POSITIVE_INFINITY;
  const outages = scenario.faults
    .filter((fault) => fault.fault === "region-down" && fault.region === protectedOf(plan))
    .map(({ at }) => zeroAt + at * 1_000)
    .filter((at) => at <= before);
  return outages[0] === undefined ? (outageFrom ?? zeroAt) : Math.min(outages[0], outageFrom ?? outages[0]);
};

/** Whether the source was proven to take no writes before traffic moved, was out of reach, or neither. */
export const fenceOf = (execution: Execution | null): "proven" | "unreachable" | "none" => {
  const fence = execution?.results.get("Fence") as { fenced?: boolean; sourceAnswered?: boolean } | undefined;
  if (!fence) return "none";
  return fence.fenced ? "proven" : fence.sourceAnswered ? "none" : "unreachable";
};
