import { createDryRun } from "../functions/aws/calls/dry-run.ts";
import { readRow } from "../functions/aws/store/lease.ts";
import { RefusedError } from "../functions/core/errors.ts";
import { directionOf, homeOf, protectedOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Run } from "../functions/core/model/run.ts";
import { planRotation, type RotationPlan } from "../functions/kinds/instances/rotate/rotation.ts";
import type { Context } from "../functions/runtime/context.ts";
import { count, keptBackLine } from "../online/kept-back.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { ignoreRefusal } from "./replicate.ts";
import { deployedPlan, runMachine, withDescribedErrors } from "./run-machine.ts";
import type { RunOptions } from "./run-options.ts";

export type RotateOptions = RunOptions & { yes: boolean };

/** More points than a person reads; `--json` has them all. */
const pointsMax = 60;

/**
 * Says what a rotation would delete, asks when that is much, then starts it and follows it. A dry run ends with the
 * calls that it would have made.
 */
export const rotate = (plan: Plan, options: RotateOptions, output: Output, outside: Outside): Promise<ExitCode> =>
  withDescribedErrors(plan, async () => {
    const { watch, keptBack } = createDryRun();
    const watches = options.dryRun ? [watch] : [];
    const context = outside.contextOf(plan, { endpointUrl: options.endpointUrl, watches });
    const deployed = await deployedPlan(context, plan, output);
    const rotation = await planRotation(context, await runOf(context, deployed), deployed);
    if (!options.json) for (const line of linesOf(rotation)) output.out(line);

    const given = { context, output, options, outside };
    const input = rotation.asks ? { approve: true } : {};
    if (options.dryRun) {
      await runMachine("rotate", deployed, input, given).catch(ignoreRefusal(keptBack));
      const { application } = plan;
      if (options.json) output.out(JSON.stringify({ application, dryRun: true, plan: planJson(rotation), keptBack }));
      else for (const line of [...callsOf(rotation, deployed), ...keptBack.map(keptBackLine)]) output.out(line);
      return 0;
    }
    if (rotation.going.length === 0) {
      const ended = { outcome: "succeeded", because: "nothing to delete", error: null, report: null, problems: [] };
      if (options.json) output.out(JSON.stringify({ application: plan.application, machine: "rotate", ...ended }));
      return 0;
    }
    await approve(rotation, options, outside);
    return runMachine("rotate", deployed, input, given);
  });

/** The run that the machine would make of a person's request. */
const runOf = async (context: Context, plan: Plan): Promise<Run> => {
  const { application, recover } = plan;
  const row = await readRow(context, application);
  return {
    application,
    machine: "rotate",
    id: "",
    name: "lifeboat rotate",
    planVersion: "",
    startedAt: context.now().toISOString(),
    ...directionOf(plan, row),
    fenceFirst: recover.fenceFirst,
    unfenceOnFailure: recover.onFailure === "unfence",
    resume: null,
    request: { by: "person", reason: null, recoveryPoint: "latest", approve: false, force: false },
    incident: null,
    answer: null,
  };
};

const approve = async ({ asks }: RotationPlan, { yes }: RotateOptions, outside: Outside) => {
  if (!asks || yes) return;
  const answer = await outside.ask(`${asks}. Delete them? [y/N] `);
  if (answer === null)
    throw new RefusedError(`${asks}; nothing was started`, "Read the list above, then add --yes to confirm.");
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new RefusedError("nothing was started", "Change keep in the plan, or run the command again.");
};

const linesOf = (rotation: RotationPlan): string[] => {
  const { complete, kept, going, left, waiting, strays, sourceAnswered } = rotation;
  return [
    ...going.slice(0, pointsMax).map(({ point, action, because, target, source }) => {
      const side = source === null ? "sources not read" : count(source.length, "source");
      const what = action === "sources" ? "source snapshots deleted" : "deleted";
      return `${point.id}  ${point.pointAt ?? "no time"}  ${what}: ${because} (${target.length} in the recovery Region, ${side})`;
    }),
    ...(going.length > pointsMax ? [`and ${going.length - pointsMax} more points`] : []),
    ...waiting.slice(0, pointsMax).map(({ point, because }) => `${point}  kept for now: ${because}`),
    ...(strays.length ? [`snapshots of no known recovery point, not deleted: ${strays.join(", ")}`] : []),
    ...(sourceAnswered ? [] : ["the source Region did not answer: its snapshots are kept for now"]),
    ...(left > 0 ? [`${count(left, "point")} more to check: the rotation continues with them automatically`] : []),
    `${complete - kept} of ${count(complete, "complete point")} ${complete - kept === 1 ? "goes" : "go"}, ${kept} ${kept === 1 ? "stays" : "stay"}`,
  ];
};

/** The calls of the deletions, by Region: images leave before their snapshots. */
const callsOf = ({ going }: RotationPlan, { regions }: Plan): string[] => {
  const of = (region: string, ids: string[]) => {
    const images = ids.filter((id) => id.startsWith("ami-"));
    const snapshots = ids.filter((id) => !id.startsWith("ami-"));
    return [
      ...images.map((id) => `would send: EC2 DeregisterImage in ${region} ${id}`),
      ...snapshots.map((id) => `would send: EC2 DeleteSnapshot in ${region} ${id}`),
    ];
  };
  return [
    ...of(
      homeOf({ regions }),
      going.flatMap(({ target }) => target),
    ),
    ...of(
      protectedOf({ regions }),
      going.flatMap(({ source }) => source ?? []),
    ),
  ];
};

const planJson = ({ going, ...rest }: RotationPlan) => ({
  ...rest,
  going: going.map(({ point, ...one }) => ({ ...one, point: point.id, pointAt: point.pointAt })),
});
