import { codeOf } from "../../../aws/calls/errors.ts";
import { describeKey } from "../../../aws/kms.ts";
import { type Findings, joined } from "../../../core/findings.ts";
import { firstOf, judgeCopies } from "../../../core/instances/launch/damage.ts";
import { keyProblem } from "../../../core/instances/launch/key-rules.ts";
import { judgeManifest, judgePoint } from "../../../core/instances/launch/preflight-rules.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Manifest, Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { olderPoints } from "../../../core/points/choose-point.ts";
import type { Context } from "../../../runtime/context.ts";
import { visibleCopies } from "../catalog/visible-copies.ts";

/** A point with its servers, sorted by name, and what was found of it. One with a problem cannot be recovered. */
export type LookedAt = Findings & { point: Point | null; manifests: Manifest[] };

/** The point that a run restores of one resource; `instead`: why it is not the one that was pinned first. */
export type Usable = LookedAt & { instead: string | null };

/** Older points that are looked at: with each there is more to lose, and users wait. */
const olderMax = 10;

/**
 * The pinned point of a resource, or, when its copies are gone or cannot be used, the newest older one that can: a run that
 * asked for the latest takes what there is, LossGate says what that costs. A point that a person chose is never replaced:
 * the problems name another one.
 */
export const usablePoint = async (
  context: Context,
  run: Run,
  resource: Resource,
  pinned: string | undefined,
): Promise<Usable> => {
  const first = await lookAtPoint(context, run, resource.name, pinned);
  if (first.problems.length === 0 || !first.point) return { ...first, instead: null };
  const all = await context.store.points(run.application, resource.name);
  for (const { id } of olderPoints(all, first.point, run).slice(0, olderMax)) {
    const older = await lookAtPoint(context, run, resource.name, id);
    if (older.problems.length > 0 || !older.point) continue;
    if (run.request.recoveryPoint !== "latest")
      return { ...first, problems: [...first.problems, alternative(resource, older.point)], instead: null };
    return { ...older, instead: insteadOf(resource, first, older.point) };
  }
  return { ...first, instead: null };
};

const alternative = ({ name }: Resource, { id, pointAt }: Point) =>
  `${name}: ${id} of ${pointAt} is the newest point that can be recovered: name it as recoveryPoint, or leave recoveryPoint out`;

const insteadOf = ({ name }: Resource, { point, problems }: LookedAt, { id, pointAt }: Point) =>
  `${name}: recovery point ${point?.id} of ${point?.pointAt} cannot be used (${firstOf(problems)}): ${id} of ${pointAt} is restored instead`;

/** Reads a point and looks at everything that it is recovered from. Changes nothing. */
export const lookAtPoint = async (
  context: Context,
  run: Run,
  resource: string,
  id: string | undefined,
): Promise<LookedAt> => {
  const { store } = context;
  const [point, all] = id
    ? await Promise.all([store.point(run.application, id), store.manifests(run.application, id)])
    : [null, []];
  const manifests = all
    .filter(({ server }) => point?.servers.includes(server))
    .sort((a, b) => (`${a.name} ${a.server}` < `${b.name} ${b.server}` ? -1 : 1));
  const seen = await visibleCopies(context, run.target, manifests);
  const found = joined([
    { problems: judgePoint(run, resource, point, all), warnings: [] },
    ...manifests.map(judgeManifest),
    judgeCopies(manifests, seen),
    { problems: await brokenKeys(context, run, resource, seen.keys), warnings: [] },
  ]);
  return { point, manifests, ...found };
};

const keysMax = 5;

/** Keys that the copies lie under, of which KMS says that they cannot be used. What it does not say is no problem. */
const brokenKeys = async ({ clients, log }: Context, run: Run, resource: string, keys: string[]): Promise<string[]> => {
  const checks = keys.slice(0, keysMax).map(async (key) => {
    try {
      const problem = keyProblem(key, await describeKey(clients, run.target, key));
      return problem ? [`${resource}: key ${key} of its copies ${problem}`] : [];
    } catch (error) {
      log.warn("key of copies not read", { key, code: codeOf(error) });
      return codeOf(error) === "NotFoundException" ? [`${resource}: key ${key} of its copies does not exist`] : [];
    }
  });
  return (await Promise.all(checks)).flat();
};
