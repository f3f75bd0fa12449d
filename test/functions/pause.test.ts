import { expect, it } from "vitest";
import { pause } from "../../functions/pause.ts";
import { aPlan } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";
import { aHeldRow, aPass } from "../support/replication.ts";

it("the step stores what the pass waits for, and the token that ends its wait; the last one counts", async () => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aHeldRow() });
  const copy = { value: { awaited: ["snap-1"], sources: true } };
  await pause({ run: aPass(), copy, token: "first" }, context);
  await pause({ run: aPass(), copy: { value: { awaited: ["snap-2"], sources: false } }, token: "second" }, context);
  expect(await context.store.pause("shop")).toEqual({
    token: "second",
    execution: aPass().id,
    at: "2026-03-02T12:00:00.000Z",
    awaited: ["snap-2"],
    sources: false,
  });
});
