import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { PlanPath, PlanProblem } from "../functions/core/plan/values/problems.ts";

type Position = { line: number; column: number };

/** Where a path stands in the file: its key, its value, or (when it is missing) its parent. Both count from 1. */
export const createPositions = (document: Document, lines: LineCounter) => {
  const index = new WeakMap<YAMLMap, Map<string, Pair>>();
  const pairsOf = (map: YAMLMap) => {
    const known =
      index.get(map) ?? new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair]));
    index.set(map, known);
    return known;
  };
  const stepInto = (node: Node | null, part: string | number): Entry | null => {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isSeq(target) && typeof part === "number") {
      const item = target.items[part];
      return isNode(item) ? { key: null, value: item } : null;
    }
    const pair = isMap(target) ? pairsOf(target).get(String(part)) : undefined;
    return pair ? { key: pair.key as Node, value: isNode(pair.value) ? pair.value : null } : null;
  };
  /** The deepest part of the path that is there. */
  const walk = (path: PlanPath) => {
    let place: Entry = { key: null, value: document.contents };
    for (const part of path) {
      const next = stepInto(place.value, part);
      if (!next) return place;
      place = next;
    }
    return place;
  };
  return (path: PlanPath, at: PlanProblem["at"]): Position => {
    const place = walk(at === "parent" ? path.slice(0, -1) : path);
    const node = at === "value" && !isEmpty(place.value) ? place.value : (place.key ?? place.value);
    return toPosition(lines, node?.range?.[0] ?? 0);
  };
};

type Entry = { key: Node | null; value: Node | null };

export const toPosition = (lines: LineCounter, offset: number): Position => {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
};

const isEmpty = (node: Node | null) => node === null || (isScalar(node) && node.value === null);
