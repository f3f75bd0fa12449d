import { beforeEach, describe, expect, it } from "vitest";
import type { Probe } from "../../functions/core/model/plan.ts";
import type { HttpAnswer } from "../../functions/runtime/context.ts";
import { sense } from "../../functions/sense.ts";
import { aPlan, aRow } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const probe = (name: string, from: string | null): Probe => ({
  name,
  kind: "probe",
  url: `https://${name}.example.com/`,
  connect: null,
  side: "primary",
  expect: [],
  contains: null,
  from,
});
const failing = (name: string) => () => Promise.reject(Object.assign(new Error("no answer"), { name }));
const asked: string[] = [];
beforeEach(() => {
  asked.length = 0;
});

/** The sensor of eu-north-1, whose table is in eu-central-1. */
const aSensor = async () => {
  const witnesses = [probe("third", "eu-north-1"), probe("here", null), probe("other", "eu-west-3")];
  const plan = aPlan({ detect: { ...aPlan().detect, witnesses } });
  const outside = aContext({
    net: {
      http: async ({ url }): Promise<HttpAnswer> => {
        asked.push(url);
        return { status: 503, body: "" };
      },
      tcp: async () => ({ open: true }),
      resolve: async () => ({ error: "ENOTFOUND" }),
    },
  });
  const context = await withTable(
    { ...outside, settings: { ...outside.settings, region: "eu-north-1" } },
    { plan, row: aRow() },
  );
  await context.store.savePlan(plan);
  return context;
};

describe("sense", () => {
  it("sense reports that it lives, and what it sees by the probes from its Region", async () => {
    const context = await aSensor();
    expect(await sense({ application: "shop" }, context)).toEqual({ sent: true });
    expect(asked).toEqual(["https://third.example.com/"]);
    expect((await context.store.watched("shop")).sensors).toEqual([
      {
        region: "eu-north-1",
        at: "2026-03-02T12:00:00.000Z",
        probes: { third: { state: "unhealthy", because: "HTTP 503", silent: false } },
      },
    ]);
  });
  it("sense keeps the reports of the other sensors", async () => {
    const context = await aSensor();
    await context.store.saveSensorReport("shop", { region: "eu-west-1", at: "2026-03-02T11:59:30.000Z", probes: {} });
    await sense({ application: "shop" }, context);
    expect((await context.store.watched("shop")).sensors.map(({ region }) => region).sort()).toEqual([
      "eu-north-1",
      "eu-west-1",
    ]);
  });
  it("sense has nothing to do for an application that is no more", async () => {
    const context = await aSensor();
    expect(await sense({ application: "gone" }, context)).toEqual({ sent: false });
    expect(context.told.logs.join()).toContain("it has no plan in eu-central-1");
  });
  it.each(["currentPlanVersion", "plan", "saveSensorReport"] as const)(
    "sense lives on when the table does not answer to %s",
    async (what) => {
      const context = await aSensor();
      context.store[what] = failing("TimeoutError");
      expect(await sense({ application: "shop" }, context)).toEqual({ sent: false });
      expect(context.told.logs.join()).toContain("heartbeat not sent");
    },
  );
  it("sense fails aloud when it may not write", async () => {
    const context = await aSensor();
    context.store.saveSensorReport = failing("AccessDeniedException");
    await expect(sense({ application: "shop" }, context)).rejects.toThrow("no answer");
  });
});
