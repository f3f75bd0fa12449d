import { expect, it } from "vitest";
import { play } from "./play.ts";

/** Of the crash matrix, of which CI plays a part: these were told wrongly. */
it.each([
  ["LoadPlan", "its Lambda goes on, and what it says is nobody's"],
  ["Gate", "the story lasts until the next look has gone on with the move"],
])("a failover that is aborted as it enters %s breaks no invariant: %s", async (state) => {
  expect(await play({ kind: "stop", machine: "failover", state, status: "ABORTED" })).toEqual([]);
});
