import { secondsBetween } from "../../clock/time.ts";
import type { Resource } from "../../model/plan.ts";
import type { Point } from "../../model/recovery-point.ts";

/**
 * The points of one run are of different times, as each resource is protected by itself. Apart by more than the longest
 * interval between two points they are told: what the servers of one resource say of another's may not be so any more.
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
