import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand } from "@aws-sdk/client-route-53";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { reroute } from "../../functions/reroute.ts";
import { aScene, byRecords, input, primarySet, reset, route53, zone } from "../support/reroute-scene.ts";

beforeEach(reset);

describe("a change of a zone", () => {
  it("waits a little and asks again while an earlier change is at work, within the step", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00.000Z") });
    try {
      const context = { ...(await aScene({ traffic: byRecords({}) })), now: () => new Date() };
      const busy = Object.assign(new Error("busy"), { name: "PriorRequestNotComplete" });
      let asked = 0;
      route53.on(ChangeResourceRecordSetsCommand).callsFake(() => {
        asked++;
        if (asked < 6) throw busy;
        return { ChangeInfo: { Id: "/change/C1" } };
      });
      const done = reroute(input, context);
      await vi.advanceTimersByTimeAsync(60_000);
      expect((await done).changeIds).toEqual({ [zone]: "/change/C1" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("gives up in time, so that the machine may run the step again", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00.000Z") });
    try {
      const context = { ...(await aScene({ traffic: byRecords({}) })), now: () => new Date() };
      route53
        .on(ChangeResourceRecordSetsCommand)
        .rejects(Object.assign(new Error("Rate exceeded"), { name: "Throttling" }));
      const failed = reroute(input, context).catch((error) => [error.name, (Date.now() / 1_000) % 3_600]);
      await vi.advanceTimersByTimeAsync(120_000);
      const [name, seconds] = (await failed) as [string, number];
      expect(name).toBe("TransientError");
      expect(seconds).toBeGreaterThan(15);
      expect(seconds).toBeLessThan(45);
    } finally {
      vi.useRealTimers();
    }
  });

  it("finds that a batch was applied whose reply was lost, and does not make it again", async () => {
    vi.useFakeTimers({ now: new Date("2026-03-02T12:00:00.000Z") });
    try {
      const context = { ...(await aScene({ traffic: byRecords({}) })), now: () => new Date() };
      route53.on(ChangeResourceRecordSetsCommand).callsFake(() => {
        route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("198.51.100.10")] });
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      });
      const done = reroute(input, context);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(await done).toMatchObject({ changes: [{ after: ["198.51.100.10"] }], changeIds: {} });
      expect(route53).toHaveReceivedCommandTimes(ChangeResourceRecordSetsCommand, 1);
    } finally {
      vi.useRealTimers();
    }
  });
});
