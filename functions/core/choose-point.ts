import type { Point } from "./point.ts";

/** What `recoveryPoint` of a machine's input may be: "latest", the id of a point, or an ISO 8601 time. */
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
 * The point of one resource that a run restores, or null when none fits: complete, and made for this direction.
 * "latest" and a time go by `pointAt`. An id is exact for its own resource; the others take the newest point that was
 * opened no later than the named one, so that all resources come from the same pass or before it.
 */
export const choosePoint = (
  points: Point[],
  resource: string,
  request: PointRequest,
  route: { source: string; target: string },
): Point | null => {
  const fits = (point: Point) => {
    if (request.kind === "latest") return true;
    if (request.kind === "time") return pointTime(point) <= request.at;
    return request.resource === resource ? point.id === request.id : Date.parse(point.openedAt) <= request.at;
  };
  return points
    .filter(({ state, source, target }) => state === "complete" && source === route.source && target === route.target)
    .filter(fits)
    .reduce<Point | null>((best, point) => (best && pointTime(best) >= pointTime(point) ? best : point), null);
};

const pointTime = ({ pointAt, openedAt }: Point) => Date.parse(pointAt ?? openedAt);
