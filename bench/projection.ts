import type { Point } from "../functions/core/model/recovery-point.ts";

export type Published = { at: string; name: string; value: number };

/**
 * How right the published projection was: what it said in the last cycle, against the age that the point before had when
 * the next one was complete. Null when two complete points are not there.
 */
export const projectionOf = (metrics: Published[], points: Point[]) => {
  const complete = points.filter(({ completedAt }) => completedAt).toSorted((a, b) => order(a.openedAt, b.openedAt));
  const [before, last] = complete.slice(-2);
  if (!before?.pointAt || !last?.completedAt) return null;
  const actualSeconds = (Date.parse(last.completedAt) - Date.parse(before.pointAt)) / 1_000;
  const said = metrics.filter(
    ({ name, at }) => name === "ProjectedRecoveryPointAgeSeconds" && at >= last.openedAt && at <= last.completedAt!,
  );
  const errors = said.map(({ value }) => Math.abs(value - actualSeconds) / actualSeconds);
  return {
    actualSeconds: Math.round(actualSeconds),
    samples: errors.length,
    withinTenPercent: errors.filter((error) => error <= 0.1).length,
    worstPercent: Math.round(Math.max(0, ...errors) * 1_000) / 10,
  };
};

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
