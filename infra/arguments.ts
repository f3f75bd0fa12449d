import { LifeboatError, PlanInvalidError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { UsageError } from "../terminal/output.ts";
import { problemText, readPlan } from "../terminal/plan-file.ts";
import type { Values } from "./script.ts";

/** What a script could not do: one line what, one line what to do next. */
export class ScriptError extends LifeboatError {
  override name = "ScriptError";
}

/** The option of the scripts that work at one plan. */
export const planOption = { plan: { value: "FILE", says: "the plan, a YAML file", required: true } } as const;

/** The plan of `--plan`. Throws PlanInvalidError with every problem of it, and for one that check refuses, unless it is only `removed`. */
export const planOf = (file: string, removed = false): Plan => {
  const { plan, problems, refusals } = readPlan(file);
  if (!plan) throw new PlanInvalidError(problems.map(problemText).join("\n"), `Fix ${file}.`);
  const [refusal] = refusals;
  // what was deployed before can be removed all the same
  if (refusal && !removed) throw new PlanInvalidError(problemText(refusal), `Fix the plan: ${refusal.todo}.`);
  return plan;
};

/** Roles for servers, an option each. */
export const instanceRoleOption = {
  "instance-role": { value: "NAME", says: "a role that servers may get; repeat for several roles", many: true },
} as const;

/** Throws UsageError for what is no name of a role. */
export const instanceRolesIn = ({ lists }: Pick<Values, "lists">): string[] => {
  const roles = lists["instance-role"] ?? [];
  const wrong = roles.find((role) => !/^[\w+=,.@/-]{1,512}\*?$/.test(role));
  if (wrong === undefined) return roles;
  throw new UsageError(
    `--instance-role: expected a role name with its path, or a prefix that ends in * (got ${wrong})`,
    "Name the roles of your servers' instance profiles; repeat the option for each role.",
  );
};

/** What `package` and `deploy` take. */
export const deploymentOptions = {
  ...planOption,
  "approval-page": { says: "also deploy a web page for approvals" },
  "reserve-detect": { says: "also reserve Lambda concurrency for detect, so that other functions cannot use it up" },
  ...instanceRoleOption,
} as const;

/** What they are told: the plan, what the deployment has beside it, and roles for its servers. Throws UsageError. */
export const deploymentOf = (values: Values) => {
  const { texts, switches } = values;
  const instanceRoles = instanceRolesIn(values);
  return {
    plan: planOf(texts.plan!),
    options: { approvalPage: switches["approval-page"] === true, reserveDetect: switches["reserve-detect"] === true },
    instanceRoles,
  };
};
