import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node, type Pair } from "yaml";
import type { PlanPath, PlanProblem } from "../functions/core/plan-problems.ts";

export type Position = { line: number; column: number };

/** Where a path stands in the file: its key, its value, or (when it is missing) its parent. Both count from 1. */
export const positionOf = (
  document: Document,
  lines: LineCounter,
  path: PlanPath,
  at: PlanProblem["at"] = "value",
): Position => {
  const place = walk(document, at === "parent" ? path.slice(0, -1) : path);
  const node = at === "value" && !isEmpty(place.value) ? place.value : (place.key ?? place.value);
  return toPosition(lines, node?.range?.[0] ?? 0);
};

export const toPosition = (lines: LineCounter, offset: number): Position => {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
};

type Place = { key: Node | null; value: Node | null };

/** The deepest part of the path that is there. */
const walk = (document: Document, path: PlanPath): Place => {
  let place: Place = { key: null, value: document.contents };
  for (const part of path) {
    const next = stepInto(document, place.value, part);
    if (!next) return place;
    place = next;
  }
  return place;
};

const stepInto = (document: Document, node: Node | null, part: string | number): Place | null => {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target) && typeof part === "number") {
    const item = target.items[part];
    return isNode(item) ? { key: null, value: item } : null;
  }
  if (!isMap(target)) return null;
  const pair: Pair | undefined = target.items.findLast(
    ({ key }) => isScalar(key) && String(key.value) === String(part),
  );
  return pair ? { key: pair.key as Node, value: isNode(pair.value) ? pair.value : null } : null;
};

const isEmpty = (node: Node | null) => node === null || (isScalar(node) && node.value === null);
