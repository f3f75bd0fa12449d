import { codeOf } from "../functions/aws/errors.ts";
import { startExecution } from "../functions/aws/execution-history.ts";
import { deployIt } from "../functions/core/command-line.ts";
import { LifeboatError } from "../functions/core/errors.ts";
import type { Plan } from "../functions/core/plan.ts";
import type { Context } from "../functions/runtime/context.ts";
import { machineAlias, machineName } from "../infra/names.ts";
import { type Ended, endedOf } from "./ended.ts";
import { follow } from "./follow.ts";
import { duration } from "./format.ts";
import type { ExitCode, Output } from "./output.ts";
import { type Named, type Outside, told } from "./outside.ts";

export type RunOptions = { json: boolean; dryRun: boolean; endpointUrl?: string | undefined };
type Machine = "replicate" | "rotate" | "failover";

/** The plan that the machines would use now. Throws when none is deployed; tells when it is not the one of the file. */
export const deployedPlan = async ({ store }: Context, plan: Plan, output: Output): Promise<Plan> => {
  const { application, regions } = plan;
  const version = await store.currentPlanVersion(application);
  if (!version)
    throw new LifeboatError(`${application} is not deployed in ${regions.recovery}`, `Deploy it first: ${deployIt}.`);
  const deployed = await store.plan(application, version);
  if (JSON.stringify(deployed) !== JSON.stringify(plan))
    output.error(
      `${output.paint.yellow("warning:")} the deployed plan ${version} differs from the file: what is deployed counts`,
    );
  return deployed;
};

/** Starts a deployed machine through its alias, follows it to its end and tells how that was. `as` begins the name of the execution. */
export const runMachine = async (
  machine: Machine,
  plan: Plan,
  input: Record<string, unknown>,
  { context, output, options, outside }: Given,
  as: string = machine,
): Promise<ExitCode> => {
  const { clients, now } = context;
  const region = plan.regions.recovery;
  const name = `${as}-${plan.application}-${now()
    .toISOString()
    .replace(/[-:]|\.\d{3}/g, "")}`;
  const start = { name, input: { application: plan.application, ...input } };
  const account = await outside.accountOf(clients, region);
  const arn = await begin(context, region, machineArn(region, account, machine), start, options);
  if (!options.json) output.out(`${name} in ${region}: started`);
  const execution = await follow(clients, region, arn, { output, quiet: options.json, wait: outside.wait });
  const ended = endedOf(execution);
  const { status, startedAt, stoppedAt } = execution;
  if (options.json)
    output.out(
      JSON.stringify({
        ...{ application: plan.application, machine, name, execution: arn, status, startedAt, endedAt: stoppedAt },
        ...ended,
      }),
    );
  else tellEnd(name, secondsBetween(startedAt, stoppedAt), ended, output);
  return ended.outcome === "succeeded" ? 0 : 1;
};
export type Given = { context: Context; output: Output; options: RunOptions; outside: Outside };

const machineArn = (region: string, account: string, machine: Machine) =>
  `arn:${partitionOf(region)}:states:${region}:${account}:stateMachine:${machineName(machine)}`;
const partitionOf = (region: string) =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";

/** Emulators know no aliases. */
const begin = async (
  { clients }: Context,
  region: string,
  machine: string,
  start: { name: string; input: Record<string, unknown> },
  { endpointUrl }: RunOptions,
) => {
  try {
    return await startExecution(clients, region, { machine: `${machine}:${machineAlias}`, ...start });
  } catch (error) {
    if (!endpointUrl || !["StateMachineDoesNotExist", "InvalidArn"].includes(codeOf(error))) throw error;
    return startExecution(clients, region, { machine, ...start });
  }
};

const tellEnd = (name: string, seconds: number | null, ended: Ended, { out, error, paint }: Output) => {
  const { outcome, because, problems, report } = ended;
  for (const problem of problems) out(`${paint.yellow("problem:")} ${problem}`);
  const colour = outcome === "succeeded" ? paint.green : outcome === "partial" ? paint.yellow : paint.red;
  out(
    `${name}: ${colour(outcome)}${because ? `, ${because}` : ""}${seconds === null ? "" : ` after ${duration(seconds)}`}`,
  );
  if (report) out(`report: ${report}`);
  if (!ended.error) return;
  error(`${paint.red("error:")} ${ended.error.message}`);
  error(`${paint.dim("next:")} ${ended.error.hint || "see the report, mend the cause, and start it again"}`);
};

const secondsBetween = (from: string | null, to: string | null) =>
  from && to ? (Date.parse(to) - Date.parse(from)) / 1_000 : null;

/** Runs a command with the outside's errors put into words. */
export const withWords = async (plan: Named, command: () => Promise<ExitCode>): Promise<ExitCode> => {
  try {
    return await command();
  } catch (error) {
    throw told(error, plan);
  }
};
