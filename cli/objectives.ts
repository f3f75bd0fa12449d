import type { Result } from "../simulator/story/result.ts";
import { duration } from "../terminal/format.ts";

/** RTO by the worse of both: what the controller has not seen is time for the users, too. Null: nobody had to be brought back. */
export const worseRtoSeconds = ({ rtoSeconds, rtoFromFaultSeconds }: Result): number | null =>
  rtoSeconds === null ? null : Math.max(rtoSeconds, rtoFromFaultSeconds ?? 0);

/** Users went without service, and are not served again. */
export const isUnserved = ({ rtoSeconds, outageSeconds, servedBy }: Result): boolean =>
  rtoSeconds === null && Boolean(outageSeconds) && !servedBy;

/**
 * The plan's objectives that this rehearsal missed, each as a few words. `moves`: a failover may start in it, so that the rto
 * counts; `protects`: the plan has servers, so that there has to be a recovery point.
 */
export const missedObjectives = (result: Result, { moves, protects }: { moves: boolean; protects: boolean }) => {
  const { rpoSeconds, lossSeconds, objectives } = result;
  const above = (what: string, seconds: number | null, objective: number) =>
    seconds !== null && seconds > objective ? [`${what} ${duration(seconds)}, objective ${duration(objective)}`] : [];
  return [
    ...(moves && isUnserved(result)
      ? [`rto: users have no service, objective ${duration(objectives.rtoSeconds)}`]
      : []),
    ...(moves ? above("rto", worseRtoSeconds(result), objectives.rtoSeconds) : []),
    ...(protects && rpoSeconds === null
      ? [`rpo: no complete recovery point, objective ${duration(objectives.rpoSeconds)}`]
      : []),
    ...above("rpo", rpoSeconds, objectives.rpoSeconds),
    ...above("loss", lossSeconds, objectives.rpoSeconds),
  ];
};
