import { loneQuorums } from "../detect/vantage.ts";
import type { Plan } from "../model/plan.ts";
import type { PlanPath } from "./values/problems.ts";

/** What a plan can be rehearsed with, and not be deployed: one line what, one line what to do. */
export type PlanRefusal = { path: PlanPath; expected: string; got: string; todo: string };

/** Where nobody is asked before the application moves, one pair of eyes is not enough. */
export const refusalsOf = (plan: Plan): PlanRefusal[] => (plan.detect.action === "automatic" ? lone(plan) : []);

/** The same of a plan that asks a person: it works, and asks for nothing when a line is cut. */
export const refusalWarnings = (plan: Plan): { path: PlanPath; message: string }[] =>
  plan.detect.action === "approve"
    ? lone(plan).map(({ path, got, todo }) => ({ path, message: `${got}; ${todo}` }))
    : [];

const lone = (plan: Plan): PlanRefusal[] =>
  loneQuorums(plan).map(({ vantage, witnesses }) => ({
    path: ["detect", "verdict", "unhealthy"],
    expected: `witnesses in two locations in every quorum of action ${plan.detect.action}`,
    got: `${witnesses.join(", ")}, all in ${vantage}: a fault there looks like a failed Region`,
    todo: `add a probe with from: a third Region, or add a Route 53 health check and raise unhealthy to ${witnesses.length + 1}`,
  }));
