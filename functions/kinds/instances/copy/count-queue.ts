import type { CopyMemory } from "../../../core/instances/copy/pass-state.ts";
import type { ResourceFacts } from "../../../core/instances/copy/projection.ts";
import type { QueueChunk } from "../../../core/instances/copy/queue.ts";
import type { Plan } from "../../../core/model/plan.ts";
import type { Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { own } from "../../../core/own.ts";
import { choosePoint } from "../../../core/points/choose-point.ts";
import type { Context } from "../../../runtime/context.ts";
import { pointsOf } from "../capture/replication.ts";

/** One megabyte is the most that a page has anyway. [SDK DynamoDB: Query] */
const chunksPerPage = 20;

type Survey = {
  resources: Record<string, ResourceFacts>;
  /** Open points whose copies have all left the queue: they are to be settled. */
  ended: Point[];
};

/**
 * Counts the whole queue, and reads its points. Entries of a point that is not open any more are removed: a pass died
 * before it could do that.
 */
const surveyQueue = async (context: Context, run: Run, plan: Plan): Promise<Survey> => {
  const { store } = context;
  const survey: Survey = { resources: {}, ended: [] };
  const open = new Map<string, Point>();
  for (const resource of plan.protect) {
    const points = await pointsOf(context, run, resource);
    survey.resources[resource.name] = factsOf(points, resource.name, run);
    for (const point of points) if (point.state === "open" && point.queued) open.set(point.id, point);
  }

  const waiting = new Set<string>();
  const orphans = new Map<string, QueueChunk>();
  let after: string | undefined;
  do {
    const page = await store.queue(run.application, chunksPerPage, after);
    for (const chunk of page.items) {
      const facts = own(survey.resources, chunk.resource);
      if (!open.has(chunk.point) || !facts) orphans.set(chunk.point, chunk);
      else {
        waiting.add(chunk.point);
        facts.left += chunk.entries.filter(({ ended }) => !ended).length;
      }
    }
    after = page.after ?? undefined;
  } while (after);
  for (const { application, point, deadline } of orphans.values())
    await store.dropQueue({ application, id: point, deadline });
  survey.ended = [...open.values()].filter(({ id }) => !waiting.has(id));
  return survey;
};

const factsOf = (points: Point[], resource: string, run: Run): ResourceFacts => {
  const newest = choosePoint(points, resource, { kind: "latest" }, run);
  const [oldest] = points.filter(({ state, queued }) => state === "open" && queued);
  const round = newest?.completedAt ? Date.parse(newest.completedAt) - Date.parse(newest.openedAt) : null;
  return {
    left: 0,
    deadline: oldest?.deadline ?? null,
    pointAt: newest?.pointAt ?? null,
    openedAt: oldest?.openedAt ?? null,
    roundSeconds: round === null ? null : round / 1_000,
  };
};

/** The memory of a run with the counts of a survey, and, at its beginning, whether the copy slots are shared. */
export const countQueue = async (context: Context, run: Run, plan: Plan, memory: CopyMemory): Promise<CopyMemory> => {
  const { resources, ended } = await surveyQueue(context, run, plan);
  const settling = new Map(
    [
      ...ended.map(({ id, deadline, openedAt }) => ({ point: id, deadline: deadline ?? openedAt })),
      ...memory.settling,
    ].map((one) => [one.point, one]),
  );
  const shared = memory.passes === 0 ? (await context.store.applications()).length > 1 : memory.shared;
  return { ...memory, resources, settling: [...settling.values()], shared };
};
