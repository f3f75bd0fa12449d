import { secondsBetween } from "../../clock/time.ts";
import type { Resource } from "../../model/plan.ts";
import type { Point } from "../../model/recovery-point.ts";

/**
 * Warns when the points of one run are further apart than the longest interval between two points. Each resource is
 * protected by itself, so that after a recovery the servers of one resource may expect newer data on those of another.
 */
export const skewWarnings = (points: Point[], resources: Resource[]): string[] => {
  const dated = points
    .flatMap(({ resource, pointAt }) => (pointAt ? [{ resource, pointAt }] : []))
    .sort((a, b) => (a.pointAt < b.pointAt ? -1 : 1));
  const [oldest, newest] = [dated.at(0), dated.at(-1)];
  if (!oldest || !newest) return [];
  const seconds = Math.round(secondsBetween(oldest.pointAt, newest.pointAt));
  if (seconds <= Math.max(...resources.map(({ everySeconds }) => everySeconds))) return [];
  return [
    `the points are ${seconds} s apart: ${oldest.resource} is restored as of ${oldest.pointAt}, ${newest.resource} as of ${newest.pointAt}`,
  ];
};
