import { waitingQuestion } from "../functions/core/approval/approval.ts";
import { secondsSince } from "../functions/core/clock/time.ts";
import { directionOf } from "../functions/core/model/direction.ts";
import type { Point } from "../functions/core/model/recovery-point.ts";
import { reasonsOf } from "../functions/core/readiness/readiness.ts";
import type { ExitCode, Output } from "../terminal/output.ts";
import type { Outside } from "../terminal/outside.ts";
import { atDeployed, type DeployedOptions } from "./deployed.ts";
import { type ResourceStatus, type Status, statusLines } from "./status-text.ts";

/** `requireReady`: ends with 1 when a failover would not work now. */
export type StatusOptions = DeployedOptions & { requireReady?: boolean };

/** Says whether a failover would work, where an application is served, what its witnesses say, what waits, and how much would be lost. Reads only. */
export const status = (target: string, options: StatusOptions, output: Output, outside: Outside): Promise<ExitCode> =>
  atDeployed(target, options, output, outside, async ({ context, plan, call }) => {
    const { application, regions, protect, objectives } = plan;
    const { store, now } = context;
    const [{ planVersion, row, evidence, controls, trafficPlace, proof, readiness }, question, ...points] =
      await Promise.all([
        store.watched(application),
        store.question(application),
        ...protect.map(({ name }) => store.points(application, name)),
      ]);
    const at = now();
    const { problems, waiting } = reasonsOf(plan, row, readiness, proof?.since ?? null, at);
    const reasons = [...problems, ...waiting.map((one) => `not yet: ${one}`)];
    const told: Status = {
      application,
      regions,
      at: at.toISOString(),
      ready: reasons.length === 0,
      reasons,
      planVersion,
      row,
      evidence,
      controls,
      trafficPlace,
      proof,
      readiness,
      unfinished: row?.lastRun?.unfinished ?? null,
      question: waitingQuestion(question, row),
      resources: protect.map(({ name }, index) => {
        const ours = (points[index] ?? []).filter((point) => !row || point.target === directionOf(plan, row).target);
        return resourceStatus(name, ours, objectives.rpoSeconds, at);
      }),
    };
    if (options.json) output.out(JSON.stringify(told));
    else for (const line of statusLines(told, plan, call, output.paint)) output.out(line);
    return options.requireReady && !told.ready ? 1 : 0;
  });

const resourceStatus = (resource: string, points: Point[], objectiveSeconds: number, now: Date): ResourceStatus => {
  const newest = points.filter(({ state, damaged, pointAt }) => state === "complete" && !damaged && pointAt).at(-1);
  const pointAt = newest?.pointAt ?? null;
  const rpoSeconds = pointAt ? Math.round(secondsSince(pointAt, now)) : null;
  return { resource, point: newest?.id ?? null, pointAt, rpoSeconds, objectiveSeconds };
};
