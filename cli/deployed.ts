import { existsSync } from "node:fs";
import { LifeboatError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { isPersonName, isReason, personNameForm, plain, reasonForms } from "../functions/core/plain.ts";
import type { Context } from "../functions/runtime/context.ts";
import { type ExitCode, type Output, UsageError } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { readPlanOrThrow } from "../terminal/plan-file.ts";
import { deployedPlan, withDescribedErrors } from "./run-machine.ts";

/** Options of every command that works at one deployed application. */
export type DeployedOptions = {
  json: boolean;
  /** Then the argument is the application's name, not a file: that is what a message can tell. */
  region?: string | undefined;
  endpointUrl?: string | undefined;
  /** Who does it; the user of the system when it is not given. */
  by?: string | undefined;
};

/** An application as it is deployed, and where the command works. `call`: how a person names it on the command line. */
export type Deployed = { context: Context; plan: Plan; call: string };

/** Finds the application that a command is about, and runs the command with the outside's errors put into words. */
export const atDeployed = async (
  target: string,
  { region, endpointUrl }: DeployedOptions,
  output: Output,
  outside: Outside,
  command: (deployed: Deployed) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const file = region ? null : planOf(target);
  const named = {
    application: file?.application ?? target,
    regions: file?.regions ?? { primary: "", recovery: `${region}` },
  };
  return withDescribedErrors(named, async () => {
    const context = outside.contextOf(named, { endpointUrl });
    const plan = file ? await deployedPlan(context, file, output) : await storedPlan(context, target, `${region}`);
    return command({ context, plan, call: region ? `${target} --region ${region}` : target });
  });
};

/** A name stands in the messages beside `--region`: whoever forgets that is told, not sent to mend a plan. */
const planOf = (target: string): Plan => {
  if (!/^[a-z][a-z0-9-]*$/.test(target) || existsSync(target)) return readPlanOrThrow(target);
  throw new UsageError(
    `${target}: expected a plan file, but no such file exists`,
    "to give an application name instead of a plan, add its recovery Region: --region REGION",
  );
};

const storedPlan = async ({ store }: Context, application: string, region: string): Promise<Plan> => {
  const version = await store.currentPlanVersion(application);
  if (version) return store.plan(application, version);
  const known = (await store.applications()).join(", ") || "none";
  throw new LifeboatError(
    `${application} is not deployed in ${region}`,
    `Deployed there: ${known}. Give the recovery Region as --region.`,
  );
};

/** The name that goes into the ledger: what `--by` says, else the user of the system. */
export const nameOf = ({ by }: Pick<DeployedOptions, "by">, outside: Outside): string => {
  const name = (by ?? outside.user()).trim();
  if (isPersonName(name)) return name;
  throw new UsageError(`--by: expected ${personNameForm} (got ${shown(name)})`, "give your name: --by NAME");
};

/** What `--reason` says; null without one. */
export const reasonOf = ({ reason }: { reason?: string | undefined }): string | null => {
  if (reason === undefined || isReason(reason)) return reason ?? null;
  throw new UsageError(
    `--reason: expected ${reasonForms} (got ${shown(reason)})`,
    "give a shorter reason in one line: --reason TEXT",
  );
};

const shown = (text: string) => JSON.stringify(plain(text.slice(0, 60)));
