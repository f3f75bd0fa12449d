import { createBudget } from "../../core/budget.ts";
import { limits } from "../../core/limits.ts";
import { tagKeys } from "../../core/names.ts";
import type { Manifest, Point } from "../../core/point.ts";
import type { Run } from "../../core/run.ts";
import type { Context } from "../../runtime/context.ts";
import { discardPoint } from "./discard.ts";
import type { Taking } from "./open.ts";
import { sourcesOfPoints } from "./replication.ts";
import { takeSet } from "./take-set.ts";

/** So long after its opening a point waits for snapshots that cannot be made yet. */
const patienceSeconds = 900;

export type Taken = {
  started: number;
  /** Servers that still lack a set; 0 = done. */
  waiting: number;
  /** Resource -> why this pass gives it no recovery point. */
  problems: Record<string, string>;
};

/**
 * Sees that every server of these points has one set of snapshots, crash-consistent per instance. What was made is on
 * record before the next is asked for; what a lost reply hides is found by its tags.
 */
export const takeSets = async (context: Context, run: Run, all: Taking[]): Promise<Taken> => {
  const taken: Taken = { started: 0, waiting: 0, problems: {} };
  const lacking = all.filter(({ manifests }) => manifests.some(isLacking));
  const ids = lacking.map(({ point }) => point.id);
  const listed = await sourcesOfPoints(context, run, ids);
  if (!listed) {
    for (const { resource } of lacking) taken.problems[resource.name] = `${run.source} gave no answer`;
    return taken;
  }
  const found = Map.groupBy(listed, ({ tags }) => `${tags[tagKeys.point]} ${tags[tagKeys.server]}`);

  const budget = createBudget(limits.createSnapshotsPerPass, limits.startingSeconds, context.now);
  let paused = false;
  const mayStart = () => !paused && budget.take();

  for (const { resource, point: opened, manifests } of lacking) {
    let point = opened;
    for (const manifest of manifests.filter(isLacking)) {
      const sets = found.get(`${point.id} ${manifest.server}`) ?? [];
      const { outcome, because } = await takeSet(context, run, manifest, sets, mayStart);
      const isLate = context.now().getTime() - Date.parse(point.openedAt) > patienceSeconds * 1_000;
      if (outcome === "started") taken.started += 1;
      if (outcome === "gone") point = await leaveOut(context, point, manifest.server, because);
      if (outcome === "wait" && isLate) taken.problems[resource.name] = because;
      if (outcome === "stop") paused = true;
      if (outcome === "stop" || (outcome === "wait" && !isLate)) taken.waiting += 1;
      if (outcome === "refused") {
        await discardPoint(context, point, because);
        taken.problems[resource.name] = because;
        break;
      }
    }
  }
  return taken;
};

const isLacking = ({ takenAt }: Manifest) => !takenAt;

/** The instance vanished between the listing and its snapshot: the point goes on without it. */
const leaveOut = async (context: Context, point: Point, server: string, reason: string): Promise<Point> => {
  const because = [point.because, `left out: ${reason}`].filter(Boolean).join("; ");
  const left = { ...point, servers: point.servers.filter((one) => one !== server), because };
  await context.store.savePoint(left);
  context.log.warn("server left out of its recovery point", { point: point.id, server, because: reason });
  return left;
};
