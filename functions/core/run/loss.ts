import { isFreshVerdict, secondsBetween } from "../clock/time.ts";
import type { Question } from "../model/approval-request.ts";
import type { Exposure } from "../model/exposure.ts";
import type { Run } from "../model/run.ts";

export type Loss = {
  /** Seconds of writes that the run gives up; 0 when nothing is restored. */
  lossSeconds: number;
  /** Oldest of the points that are restored, ISO 8601; null when there is none. */
  pointAt: string | null;
  /** Until when the source took writes, ISO 8601. */
  until: string;
};

/**
 * Loss = T - the oldest state that is restored. T = the fence when the source still answered then (it took writes until that),
 * else the first failing evidence, else now (a person started the run, or there is no fence yet).
 */
export const lossOf = (
  exposures: Pick<Exposure, "recoverableAt">[],
  { run, fence, now }: { run: Run; fence: { at: string; sourceAnswered: boolean } | null; now: Date },
): Loss => {
  const until = fence?.sourceAnswered ? fence.at : (run.incident?.firstFailingAt ?? fence?.at ?? now.toISOString());
  const [pointAt = null] = exposures.flatMap(({ recoverableAt }) => recoverableAt ?? []).sort();
  const seconds = pointAt ? secondsBetween(pointAt, until) : 0;
  return { lossSeconds: Math.max(0, Math.round(seconds)), pointAt, until };
};

export type LossDecision = {
  action: "go-on" | "ask";
  code: "WithinBudget" | "BudgetOverridden" | "Approved" | Question["code"];
  because: string;
};

/**
 * Does a person have to decide first: when the Region is healthy (invariant 11), on a loss above the budget, on an incident
 * whose plan wants to be asked. The loss is asked about before the incident, for the plan's `otherwise` must not answer it.
 */
export const judgeLoss = (
  { lossSeconds, pointAt }: Loss,
  budgetSeconds: number,
  { application, source, request: { by, approve, force }, incident }: Run,
  verdict: { code: string; because: string; at: string } | null,
  now: Date,
): LossDecision => {
  const lost = pointAt ? `${lossSeconds} s of writes since the point of ${pointAt} are lost` : "nothing is restored";
  const loss = `${lost}; ${budgetSeconds} s allowed`;
  const isAbove = lossSeconds > budgetSeconds;

  if (by === "person" && !approve && verdict?.code === "Healthy" && isFreshVerdict(verdict, now))
    return {
      action: "ask",
      code: "LooksHealthy",
      because: `${application} looks healthy in ${source} (${verdict.because}); ${loss}`,
    };
  const why = incident ? `${incident.because}; ${loss}` : loss;
  if (isAbove && !force && !approve) return { action: "ask", code: "LossBudgetExceeded", because: why };
  if (incident?.ask && !approve) return { action: "ask", code: "Incident", because: why };
  if (isAbove && force) return { action: "go-on", code: "BudgetOverridden", because: `${loss}, overridden by force` };
  if (isAbove) return { action: "go-on", code: "Approved", because: `${loss}, approved at the start` };
  return { action: "go-on", code: "WithinBudget", because: loss };
};
