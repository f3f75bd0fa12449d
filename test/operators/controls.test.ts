import { describe, expect, it } from "vitest";
import { noControls } from "../../functions/core/model/operator-controls.ts";
import {
  acknowledgeLast,
  acknowledgeRun,
  pauseApplication,
  resumeApplication,
} from "../../functions/operators/controls.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const at = "2026-03-02T12:00:00.000Z";
const lastRun = { id: "arn:run-0", name: "run-0", outcome: "failed", endedAt: "2026-03-02T11:00:00.000Z" };
const aScene = (row = aRow()) => withTable(aContext(), { plan: aPlan(), row });

describe("what people do", () => {
  it("pauses and resumes; a second pause replaces the first, a second resume finds nothing", async () => {
    const context = await aScene();
    expect(await pauseApplication(context, "shop", "ann", null)).toEqual({ at, by: "ann", reason: null });
    await pauseApplication(context, "shop", "bob", "network work");
    const paused = { at, by: "bob", reason: "network work" };
    expect(await context.store.controls("shop")).toEqual({ ...noControls, paused });
    expect(await resumeApplication(context, "shop", "ann")).toEqual(paused);
    expect(await resumeApplication(context, "shop", "ann")).toBeNull();
    expect(await context.store.controls("shop")).toEqual(noControls);
    expect(await context.store.ledger("shop", "people")).toMatchObject([
      { outcome: "Paused", detail: { because: "paused by bob: network work" } },
      { outcome: "Resumed", detail: { because: "resumed by ann" } },
    ]);
  });
  it("acknowledges the last run, beside a pause that stays", async () => {
    const context = await aScene(aRow({ lastRun }));
    await pauseApplication(context, "shop", "ann", null);
    const acknowledged = { run: "run-0", at, by: "bob" };
    expect(await acknowledgeLast(context, "shop", "bob")).toEqual(acknowledged);
    expect(await context.store.controls("shop")).toEqual({ paused: { at, by: "ann", reason: null }, acknowledged });
    expect(await context.store.ledger("shop", "people")).toContainEqual(
      expect.objectContaining({ outcome: "Acknowledged", detail: { because: "run-0 acknowledged by bob" } }),
    );
  });
  it("has nothing to acknowledge before a run has ended", async () => {
    const context = await aScene();
    expect(await acknowledgeLast(context, "shop", "ann")).toBeNull();
    expect(await acknowledgeLast(context, "unknown", "ann")).toBeNull();
    expect(await context.store.controls("shop")).toEqual(noControls);
  });
  it("acknowledges a run by its name", async () => {
    const context = await aScene();
    expect(await acknowledgeRun(context, "shop", "run-7", "person")).toEqual({ run: "run-7", at, by: "person" });
  });
});
