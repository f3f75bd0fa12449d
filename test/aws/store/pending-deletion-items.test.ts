import { expect, it } from "vitest";
import { readChunk, saveChunks, savePoints } from "../../../functions/aws/store/pending-deletion-items.ts";
import type { Queues } from "../../../functions/core/points/pending-deletions.ts";
import { aPoint } from "../../support/builders.ts";
import { aTable } from "../../support/memory-table.ts";

const chunk = (id: string): Queues => ({ target: [{ point: "web.1", ids: [id] }], source: [] });

it("keeps chunks by their numbers, and replaces all that an earlier rotation has left", async () => {
  const table = aTable();
  await saveChunks(table, "shop", [chunk("snap-1"), chunk("snap-2"), chunk("snap-3")], 1);
  await saveChunks(table, "shop", [chunk("snap-9")], 1);
  expect(await readChunk(table, "shop", 1)).toEqual(chunk("snap-9"));
  expect(await readChunk(table, "shop", 2)).toBeNull();
  await saveChunks(table, "shop", [], 1);
  expect(table.items.size).toBe(0);
});

it("saves many points where the store reads them", async () => {
  const table = aTable();
  await savePoints(table, [aPoint(), aPoint({ id: "web.2" })]);
  expect([...table.items.keys()]).toEqual(["shop point#web.20260302T113000Z", "shop point#web.2"]);
});
