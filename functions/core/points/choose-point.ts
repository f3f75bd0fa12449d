import type { Point } from "../model/recovery-point.ts";

/** The values of `recoveryPoint` in a machine's input: "latest", the id of a point, or an ISO 8601 time. */
export type PointRequest =
  | { kind: "latest" }
  | { kind: "id"; id: string; resource: string; at: number }
  | { kind: "time"; at: number };

const idShape = /^(?<resource>[A-Za-z0-9_-]+)\.(?<day>\d{8})T(?<time>\d{6})Z$/;
const timeShape = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** Null when the text is none of the three. */
export const readPointRequest = (text: string): PointRequest | null => {
  if (text === "latest") return { kind: "latest" };
  const id = idShape.exec(text)?.groups;
  if (id) {
    const stamp = `${id.day}${id.time}`.replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6Z");
    const at = Date.parse(stamp);
    return Number.isNaN(at) ? null : { kind: "id", id: text, resource: id.resource ?? "", at };
  }
  const at = timeShape.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : { kind: "time", at };
};

/**
 * The point of one resource that a run restores, or null when none fits: complete, not damaged, and made for this direction.
 * "latest" and a time compare `pointAt`. An id is exact for its own resource, damaged or not; the others take the newest
 * point that was opened no later than the named one, so that all resources come from the same pass or before it.
 */
export const choosePoint = (points: Point[], resource: string, request: PointRequest, route: Route): Point | null => {
  const isNamed = request.kind === "id" && request.resource === resource;
  const fits = (point: Point) => {
    if (request.kind === "latest") return true;
    if (request.kind === "time") return pointTime(point) <= request.at;
    return isNamed ? point.id === request.id : Date.parse(point.openedAt) <= request.at;
  };
  return (
    newestFirst(points.filter((point) => isComplete(point, route) && fits(point))).find(
      ({ damaged }) => isNamed || !damaged,
    ) ?? null
  );
};

/** As `choosePoint`; a damaged point where there is no other: Preflight checks it once more, and reports the damage. */
export const pointToPin = (...[points, resource, request, route]: Parameters<typeof choosePoint>): Point | null => {
  const all = points.map((point) => ({ ...point, damaged: null }));
  return choosePoint(points, resource, request, route) ?? choosePoint(all, resource, request, route);
};

/** Points that could be restored in place of a point, newest first; damaged ones too, as they may be sound again. */
export const olderPoints = (points: Point[], than: Point, route: Route): Point[] =>
  newestFirst(
    points.filter((point) => isComplete(point, route) && point.id !== than.id && pointTime(point) <= pointTime(than)),
  );

type Route = { source: string; target: string };

const isComplete = ({ state, source, target }: Point, route: Route) =>
  state === "complete" && source === route.source && target === route.target;

export const newestFirst = (points: Point[]): Point[] => [...points].sort((a, b) => pointTime(b) - pointTime(a));

const pointTime = ({ pointAt, openedAt }: Point) => Date.parse(pointAt ?? openedAt);
