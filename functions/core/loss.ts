import type { Run } from "./run.ts";

export type Loss = {
  /** Seconds of writes that the run gives up; 0 when nothing is restored. */
  lossSeconds: number;
  /** Oldest of the points that are restored, ISO 8601; null when there is none. */
  pointAt: string | null;
  /** Until when the source took writes, ISO 8601. */
  until: string;
};

/**
 * Loss = T - time of the oldest point. T = the fence when the source still answered then (it took writes until that),
 * else the first failing evidence, else now (a person started the run, or nobody has fenced yet).
 */
export const lossOf = (
  pointTimes: string[],
  { run, fence, now }: { run: Run; fence: { at: string; sourceAnswered: boolean } | null; now: Date },
): Loss => {
  const until = fence?.sourceAnswered ? fence.at : (run.incident?.firstFailingAt ?? fence?.at ?? now.toISOString());
  const [pointAt = null] = [...pointTimes].sort();
  const seconds = pointAt ? (Date.parse(until) - Date.parse(pointAt)) / 1_000 : 0;
  return { lossSeconds: Math.max(0, Math.round(seconds)), pointAt, until };
};

export type LossDecision = {
  action: "go-on" | "refuse";
  code: "WithinBudget" | "BudgetOverridden" | "LossBudgetExceeded" | "LooksHealthy";
  because: string;
  hint: string;
};

/** How old the verdict may be to speak against a person: two ticks of a minute and a margin. */
const verdictSecondsMax = 150;

/** Law 11: a slip asks first. Only then is the loss weighed; `force` overrides the budget, never the question. */
export const judgeLoss = (
  { lossSeconds, pointAt }: Loss,
  budgetSeconds: number,
  run: Run,
  verdict: { code: string; because: string; at: string } | null,
  now: Date,
): LossDecision => {
  const { by, approve, force } = run.request;
  const isFresh = verdict !== null && now.getTime() - Date.parse(verdict.at) <= verdictSecondsMax * 1_000;
  if (by === "person" && !approve && isFresh && verdict.code.toLowerCase() === "healthy")
    return {
      action: "refuse",
      code: "LooksHealthy",
      because: `LooksHealthy: ${run.application} looks healthy in ${run.source} (${verdict.because})`,
      hint: 'To fail over all the same, start it again with "approve": true.',
    };
  const lost = pointAt ? `${lossSeconds} s of writes since the point of ${pointAt} are lost` : "nothing is restored";
  if (lossSeconds <= budgetSeconds)
    return { action: "go-on", code: "WithinBudget", because: `${lost}; ${budgetSeconds} s allowed`, hint: "" };
  if (force) {
    const because = `${lost}; ${budgetSeconds} s allowed, overridden by force`;
    return { action: "go-on", code: "BudgetOverridden", because, hint: "" };
  }
  return {
    action: "refuse",
    code: "LossBudgetExceeded",
    because: `LossBudgetExceeded: ${lost}; ${budgetSeconds} s allowed`,
    hint: 'To accept this loss, start it again with "force": true.',
  };
};
