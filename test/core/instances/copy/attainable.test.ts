import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attainable,
  attainableWarnings,
  type Load,
  loadOf,
} from "../../../../functions/core/instances/copy/attainable.ts";
import { aResource } from "../../../support/builders.ts";

const aLoad = (over: Partial<Load> = {}): Load => ({
  resource: "web",
  volumes: 100,
  everySeconds: 1_800,
  timeBased: true,
  copySeconds: 120,
  measured: true,
  ...over,
});
const hour = 3_600;
const day = 24 * hour;

describe("attainable", () => {
  it.each<[name: string, loads: Load[], rpoSeconds: number, because: string]>([
    ["a small fleet", [aLoad()], hour, "100 volumes need 0.2 h a round (18 at a time, 120 s each, as measured): 38 %"],
    ["one volume", [aLoad({ volumes: 1 })], hour, "1 volume needs 0.0 h a round"],
    ["nothing at all", [], hour, "0 volumes need 0.0 h a round"],
    [
      "a small urgent resource beside a big patient one",
      [aLoad({ volumes: 10, everySeconds: 600 }), aLoad({ resource: "archive", volumes: 5_000, everySeconds: day })],
      2 * day,
      "5010 volumes need 9.3 h a round",
    ],
    [
      "fifty resources of one volume each, which share the slots",
      Array.from({ length: 50 }, (_, index) => aLoad({ resource: `r${index}`, volumes: 1, copySeconds: 600 })),
      hour,
      "50 volumes need 0.5 h a round (18 at a time, 600 s each, as measured): 93 %",
    ],
  ])("attainable is content with %s", (_, loads, rpoSeconds, because) => {
    expect(attainable(loads, rpoSeconds)).toMatchObject({ ok: true, because: expect.stringContaining(because) });
    expect(attainableWarnings(loads, rpoSeconds)).toEqual([]);
  });

  it("attainable says that a round takes longer than its interval, with what would help", () => {
    expect(attainable([aLoad({ volumes: 1_000, timeBased: false })], hour)).toEqual({
      ok: false,
      because:
        "not attainable: 1000 volumes need 1.9 h a round (18 at a time, 120 s each, as measured), and web is due every 30 min",
      options: [
        "an every of 1.9 h or more, with an rpo of 3.8 h or more",
        "a quota of 69 concurrent copies in place of 20, from AWS Support",
        "at most 270 volumes under this plan",
        "timeBased: true, for copies that would come too late",
        "a part of the servers in a plan with another recovery Region: each Region has its own slots",
      ],
    });
  });

  it("attainable says that resources which fit alone do not fit together", () => {
    const loads = [aLoad({ volumes: 160 }), aLoad({ resource: "app", volumes: 160 })];
    expect(attainable([loads[0]!], hour).ok).toBe(true);
    expect(attainable(loads, hour)).toMatchObject({
      because:
        "not attainable: 320 volumes need 0.6 h a round (18 at a time, 120 s each, as measured), and web every 30 min, app every 30 min would need the slots 1.2 times over",
    });
  });

  it("attainable says that a point gets too old although the slots would do", () => {
    const found = attainable([aLoad({ everySeconds: hour })], hour);
    expect(found).toEqual({
      ok: false,
      because:
        "not attainable: 100 volumes need 0.2 h a round (18 at a time, 120 s each, as measured), and with a point every 1 h web gets older than the rpo of 1 h",
      options: [
        "an every from 12 min to 48 min",
        "a part of the servers in a plan with another recovery Region: each Region has its own slots",
      ],
    });
  });

  it("attainable lets one slow copy count, though seventeen slots are free: its successor waits for it", () => {
    expect(attainable([aLoad({ volumes: 1, copySeconds: 2_000 })], day)).toMatchObject({ ok: false });
  });

  it("attainable is one sentence for a report", () => {
    expect(attainableWarnings([aLoad({ volumes: 1_000 })], hour)).toEqual([
      "not attainable: 1000 volumes need 1.9 h a round (18 at a time, 120 s each, as measured), and web is due every 30 min. " +
        "Options: an every of 1.9 h or more, with an rpo of 3.8 h or more; a quota of 69 concurrent copies in place of 20, from AWS Support; " +
        "at most 270 volumes under this plan; a part of the servers in a plan with another recovery Region: each Region has its own slots",
    ]);
  });

  const loads = fc.array(
    fc.record({
      resource: fc.constantFrom("a", "b"),
      volumes: fc.nat(3_000),
      everySeconds: fc.integer({ min: 60, max: day }),
      timeBased: fc.boolean(),
      copySeconds: fc.integer({ min: 1, max: hour }),
      measured: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  );

  it("attainable never gets worse with a longer rpo", () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 60, max: day }), (given, rpo) => {
        if (attainable(given, rpo).ok) expect(attainable(given, rpo * 2).ok).toBe(true);
      }),
    );
  });

  it("attainable offers only options that are possible", () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 60, max: day }), (given, rpo) => {
        const found = attainable(given, rpo);
        if (!found.ok) expect(found.options.join()).not.toMatch(/NaN|Infinity|-\d|at most 0 /);
      }),
    );
  });
});

describe("loadOf", () => {
  const newest = { openedAt: "2026-03-02T10:00:00Z", completedAt: "2026-03-02T10:10:00Z" };

  it("loadOf divides the last round by its batches", () => {
    expect(loadOf(aResource(), 90, newest)).toEqual(aLoad({ volumes: 90, timeBased: false }));
  });

  it.each([
    ["no point is complete yet", null],
    ["the point says nothing of its end", { ...newest, completedAt: null }],
  ])("loadOf assumes a quarter of an hour while %s", (_, point) => {
    expect(loadOf(aResource(), 90, point)).toMatchObject({ copySeconds: 900, measured: false });
    expect(attainable([loadOf(aResource(), 90, point)], day)).toMatchObject({
      because: expect.stringContaining("900 s each, as assumed until a round was measured"),
    });
  });
});
