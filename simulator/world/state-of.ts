import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import type { Row } from "../../functions/core/model/row.ts";
import type { Server } from "../../functions/core/model/server.ts";
import type { LedgerStep } from "../../functions/core/report/facts.ts";
import type { UnreportedRun } from "../../functions/core/run/abandoned-run.ts";
import type { World } from "../kernel.ts";
import { itemsOf } from "../services/dynamodb.ts";

/** What the controller has stored, read without a call: for invariants and for the final inventory. */
export const stateOf = (world: World, region: string, application: string) => {
  const items = itemsOf(world, region, application);
  const of = <T>(prefix: string) =>
    items.filter(({ sk }) => sk?.S?.startsWith(prefix)).map((item) => unmarshall(item) as T);
  return {
    // by getters: whoever waits for a point asks each ten seconds, and needs nothing else
    get row() {
      return of<Row & { pk: string; sk: string }>("row").map(rowOf)[0] ?? null;
    },
    get points() {
      return of<Point>("point#").sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
    },
    get manifests() {
      return of<Manifest>("manifest#");
    },
    /** Of one run. */
    servers: (run: string) => of<Server>(`server#${run}#`),
    ledger: (run: string) => of<LedgerStep>(`ledger#${run}#`),
    get untold() {
      return of<UnreportedRun>("untold#");
    },
  };
};

/** As functions/aws/store/store.ts reads it: what the item does not have is null. */
const rowOf = ({ pk: _pk, sk: _sk, ...item }: Row & { pk: string; sk: string }): Row => ({
  ...item,
  run: item.run ?? null,
  protect: item.protect ?? null,
  lastRun: item.lastRun ?? null,
});

/** Resource -> point that a run restores: Preflight may have pinned an older one than the lease was taken with. */
export const pinnedPoints = (results: Map<string, unknown>): Record<string, string> => {
  const [lease, preflight] = ["AcquireLease", "Preflight"].map(
    (state) => results.get(state) as { points?: Record<string, string> } | undefined,
  );
  return preflight?.points ?? lease?.points ?? {};
};

/** Newest complete point of each resource at an instant, by completion. */
export const newestPoints = (points: Point[], atMs: number) => {
  const newest = new Map<string, Point>();
  for (const point of points) {
    const complete =
      point.state === "complete" && !point.damaged && point.completedAt && Date.parse(point.completedAt) <= atMs;
    const known = newest.get(point.resource);
    if (complete && (!known?.pointAt || Date.parse(point.pointAt ?? "") > Date.parse(known.pointAt)))
      newest.set(point.resource, point);
  }
  return newest;
};
