import * as z from "zod/mini";
import { checkLease } from "./aws/lease.ts";
import { attainableWarnings, loadOf } from "./core/attainable.ts";
import { RefusedError } from "./core/errors.ts";
import type { Evidence } from "./core/evidence.ts";
import { LeaseInput, RunInput } from "./core/inputs.ts";
import { own } from "./core/own.ts";
import type { Resource } from "./core/plan.ts";
import { type Candidate, joined, judgeManifest, judgePoint } from "./core/preflight-rules.ts";
import type { Run, ServerRef } from "./core/run.ts";
import { witnessWarnings } from "./core/witness-warnings.ts";
import { checkConditions } from "./kinds/instances/conditions.ts";
import { checkIsolation } from "./kinds/instances/isolation.ts";
import { checkTraffic } from "./runtime/check-traffic.ts";
import type { Context } from "./runtime/context.ts";
import { recordStep } from "./runtime/ledger.ts";
import { step } from "./runtime/step.ts";

const Input = z.object({ run: RunInput, lease: LeaseInput });

export type PreflightResult = { waves: ServerRef[][]; waveCount: number; warnings: string[] };

/** Can this be recovered? Changes nothing. Throws one RefusedError that lists every problem. */
export const preflight = async ({ run, lease }: z.infer<typeof Input>, context: Context): Promise<PreflightResult> => {
  const startedAt = context.now();
  const row = await checkLease(context, run, lease.value);
  const plan = await context.store.plan(run.application, run.planVersion);
  const points = row.run?.points ?? {};
  const read = await Promise.all(
    plan.protect.map((resource) => readPoint(context, run, resource, own(points, resource.name))),
  );
  const candidates = read.flatMap((one) => one.candidates);
  const { problems, warnings } = joined([
    ...read.map((one) => ({ problems: one.problems, warnings: [] })),
    ...candidates.map(({ manifest }) => judgeManifest(manifest)),
    { problems: [], warnings: witnessWarnings(await context.store.evidence<Evidence>(run.application)) },
    {
      problems: [],
      warnings: attainableWarnings(
        read.map(({ load }) => load),
        plan.objectives.rpoSeconds,
      ),
    },
    ...(await Promise.all([
      checkConditions(context, run, plan.protect, candidates),
      checkTraffic(context, plan, row.active),
      checkIsolation(context, run, plan.protect, candidates),
    ])),
  ]);

  const told = { problems: atMost(problems), warnings: atMost(warnings) };
  const code = problems.length ? "Refused" : "Ready";
  await recordStep(context, run, "Preflight", "", startedAt, code, { ...told, servers: candidates.length });
  if (problems.length)
    throw new RefusedError(told.problems.join("; "), "Mend what is named and start the failover again.");
  const waves = plan.recover.waves.map((names) =>
    names.flatMap((name) => candidates.filter(({ resource }) => resource.name === name).map(({ ref }) => ref)),
  );
  return { waves, waveCount: waves.length, warnings: told.warnings };
};

export const handler = step("preflight", Input, preflight);

/** The machine's payload and an error's cause have room for so many sentences. */
const sentencesMax = 100;
const atMost = (sentences: string[]) =>
  sentences.length > sentencesMax
    ? [...sentences.slice(0, sentencesMax), `and ${sentences.length - sentencesMax} more`]
    : sentences;

/**
 * The servers of the pinned point of one resource, sorted by name, what is wrong with the point, and what its copies
 * ask of the slots: whether the next points can be as young as the plan wants them is worth knowing beforehand.
 */
const readPoint = async ({ store }: Context, run: Run, resource: Resource, id: string | undefined) => {
  const [point, manifests] = id
    ? await Promise.all([store.point(run.application, id), store.manifests(run.application, id)])
    : [null, []];
  const own = manifests
    .filter(({ server }) => point?.servers.includes(server))
    .sort((a, b) => (`${a.name} ${a.server}` < `${b.name} ${b.server}` ? -1 : 1));
  const zones = [...new Set(own.map(({ zone }) => zone))].sort();
  const candidates: Candidate[] = own.map((manifest, index) => {
    const { server, name, zone } = manifest;
    const ref = { resource: resource.name, server, point: manifest.point, name, index, zone: zones.indexOf(zone) };
    return { ref, resource, manifest };
  });
  const volumes = own.reduce((sum, manifest) => sum + manifest.volumes.length, 0);
  return {
    candidates,
    problems: judgePoint(run, resource.name, point, manifests),
    load: loadOf(resource, volumes, point),
  };
};
