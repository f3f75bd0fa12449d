import { describe, expect, it, test } from "vitest";
import { adaptLimit, freeSlots, type Slots } from "../../../../functions/core/instances/copy/copy-slots.ts";
import { tagKeys } from "../../../../functions/core/names.ts";
import { aCopy } from "../../../support/replication.ts";

const now = new Date("2026-03-02T12:00:00.000Z");
const copies = (count: number, application: string | null) =>
  Array.from({ length: count }, (_, at) =>
    aCopy({
      id: `${application} ${at}`,
      state: "pending",
      tags: application ? { [tagKeys.application]: application } : {},
    }),
  );
const free = (over: Partial<Slots> = {}) =>
  freeSlots({
    application: "shop",
    pending: [],
    unseen: 0,
    limit: 20,
    waiting: 100,
    deadline: null,
    demands: [],
    now,
    ...over,
  });
const demand = (waiting: number, secondsAgo = 0, application = "mail") => ({
  application,
  waiting,
  deadline: null,
  at: new Date(now.getTime() - secondsAgo * 1_000).toISOString(),
});

describe("free copy slots", () => {
  test.each([
    ["all twenty are ours while nobody else copies", {}, 20],
    ["two of them stay free while somebody does", { pending: copies(1, null) }, 17],
    ["or waits to", { demands: [demand(1)] }, 17],
    ["ours that are pending take theirs", { pending: copies(10, "shop") }, 10],
    ["so do ours that no listing shows yet", { unseen: 5 }, 15],
    ["and those of AWS Backup, of images, of anybody", { pending: copies(16, null) }, 2],
    ["none when others have more than all", { pending: copies(20, null) }, 0],
    ["no more than the Region takes", { limit: 5, pending: copies(3, "shop") }, 2],
    ["another application that waits gets its half", { demands: [demand(50)] }, 9],
    ["what it has counts", { demands: [demand(50)], pending: copies(9, "mail") }, 9],
    ["what it has beyond its half is not taken away", { demands: [demand(50)], pending: copies(15, "mail") }, 3],
    ["what it does not want is ours", { demands: [demand(3)] }, 15],
    ["a demand of long ago counts no more", { demands: [demand(50, 601)] }, 20],
    ["nor does one for nothing", { demands: [demand(0)] }, 20],
    ["nor our own", { demands: [demand(50, 0, "shop")] }, 20],
    ["a foreign copy is nobody's share", { demands: [demand(50)], pending: copies(4, null) }, 7],
  ] as const)("%s", (_, over, expected) => {
    expect(free(over as Partial<Slots>)).toBe(expected);
  });

  it("free copy slots are never promised twice: what all applications may start together fits", () => {
    const demands = [demand(50), demand(50, 0, "shop"), demand(1, 0, "wiki")];
    const sum = ["shop", "mail", "wiki"].map((application) =>
      free({ application, demands, waiting: application === "wiki" ? 1 : 50 }),
    );
    expect(sum.reduce((total, one) => total + one)).toBe(18);
  });
});

describe("the limit that a run has learnt", () => {
  test.each([
    ["halves what was in flight when the Region said no", 18, 5, 2],
    ["is never less than one", 18, 0, 1],
    ["grows by one a pass", 2, null, 3],
    ["never beyond the quota", 20, null, 20],
  ])("%s", (_, limit, refusedAt, expected) => {
    expect(adaptLimit(limit, refusedAt)).toBe(expected);
  });
});
