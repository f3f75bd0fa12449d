import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { exposureOfLag } from "../../functions/core/model/exposure.ts";
import type { Kind } from "../../functions/kinds/contract.ts";
import { kinds } from "../../functions/kinds/kinds.ts";
import { kebabCase } from "../../infra/names.ts";
import { aManifest, aPlan, aPoint, aResource, aRow, aRun } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { root } from "../support/import-graph.ts";
import { withTable } from "../support/memory-table.ts";
import { ec2, holdsTheContract, type KindScene } from "./contract.ts";

const point = aPoint();
const scene = async (isThere: boolean): Promise<KindScene> => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aRow() });
  if (isThere) {
    await context.store.savePoint(point);
    await context.store.saveManifest(aManifest());
  }
  return { context, run: aRun(), resource: aResource(), pinned: null };
};
const copies = aManifest().volumes.map(({ snapshot }) => ({ SnapshotId: snapshot ?? "", State: "completed" as const }));

holdsTheContract("instances", kinds.instances, { sound: () => scene(true), lost: () => scene(false) }, () =>
  ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: copies }),
);

/** A kind that replicates without a pause, as databases do: it has a lag, and no point. */
const lags = new Map([["db", 3]]);
const madeUp: Kind = {
  exposure: async ({ now }, _route, { name }) => exposureOfLag(name, lags.get(name) ?? null, now()),
  assess: async (_context, _run, { name }) => ({
    problems: lags.has(name) ? [] : [`${name}: no replica in the target`],
    warnings: [],
  }),
  states: {},
};
const replica = async (name: string): Promise<KindScene> => ({
  ...(await scene(false)),
  resource: aResource({ name }),
});
holdsTheContract(
  "made up, with a lag in place of points",
  madeUp,
  { sound: () => replica("db"), lost: () => replica("gone") },
  () => undefined,
);

describe.each(Object.entries(kinds))("the states of %s", (name, { states }) => {
  const machines = readdirSync(join(root, "statemachines"))
    .map((file) => readFileSync(join(root, "statemachines", file), "utf8"))
    .join("\n");

  it.each(Object.values(states).flat())("%s stands in a machine, and has a function of its own", (state) => {
    expect(machines).toContain(`"${state}": {`);
    expect(existsSync(join(root, "functions", `${kebabCase(state)}.ts`))).toBe(true);
  });

  it("every kind with states has its folder", () => {
    expect(existsSync(join(root, "functions/kinds", name, "kind.ts"))).toBe(true);
    expect(Object.keys(states).length).toBeGreaterThan(0);
  });
});
