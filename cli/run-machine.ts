import { codeOf } from "../functions/aws/calls/errors.ts";
import { startExecution } from "../functions/aws/execution-history.ts";
import { deployIt } from "../functions/core/command-line.ts";
import { machineAlias, machineName } from "../functions/core/deployed-names.ts";
import { LifeboatError } from "../functions/core/errors.ts";
import { homeOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Context } from "../functions/runtime/context.ts";
import { describeError, type Named } from "../terminal/describe-error.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { RunOptions, Session } from "./run-options.ts";
import { reportAtInterrupt, type Watched, watchRun } from "./watch-run.ts";

type Machine = "replicate" | "rotate" | "failover";

/** The plan that the machines would use now. Throws when none is deployed; tells when it is not the one of the file. */
export const deployedPlan = async ({ store }: Context, plan: Plan, output: Output): Promise<Plan> => {
  const { application, regions } = plan;
  const version = await store.currentPlanVersion(application);
  if (!version)
    throw new LifeboatError(
      `${application} is not deployed in ${homeOf({ regions })}`,
      `Deploy it first: ${deployIt}.`,
    );
  const deployed = await store.plan(application, version);
  if (JSON.stringify(deployed) !== JSON.stringify(plan))
    output.error(
      `${output.paint.yellow("warning:")} the deployed plan ${version} differs from the file; the deployed plan is used`,
    );
  return deployed;
};

/** Starts a deployed machine through its alias, follows it to its end and tells how that was. `as` begins the name of the execution. */
export const runMachine = async (
  machine: Machine,
  plan: Plan,
  input: Record<string, unknown>,
  given: Session,
  as: string = machine,
): Promise<ExitCode> => {
  const { context, output, options, outside } = given;
  const { clients, now } = context;
  const region = homeOf(plan);
  const name = `${as}-${plan.application}-${now()
    .toISOString()
    .replace(/[-:]|\.\d{3}/g, "")}`;
  const start = { name, input: { application: plan.application, ...input } };
  const account = await outside.accountOf(clients, region);
  const run: Watched = { machine, name, arn: null };
  const quiet = reportAtInterrupt(run, plan, given);
  try {
    const arn = await begin(context, region, machineArn(region, account, machine), start, options);
    run.arn = arn;
    if (!options.json) output.out(`${name} in ${region}: started`);
    return await watchRun({ machine, name, arn }, plan, given);
  } finally {
    quiet();
  }
};
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

/** Runs a command with the outside's errors put into words. */
export const withDescribedErrors = async (plan: Named, command: () => Promise<ExitCode>): Promise<ExitCode> => {
  try {
    return await command();
  } catch (error) {
    throw describeError(error, plan);
  }
};
