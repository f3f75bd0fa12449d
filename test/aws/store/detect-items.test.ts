import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../functions/core/detect/evidence.ts";
import { noControls } from "../../../functions/core/model/operator-controls.ts";
import { aPlan, aQuestion } from "../../support/builders.ts";
import { simulated } from "../../support/simulated.ts";

const at = "2026-03-02T12:00:00.000Z";
const evidence = (revision: number): Evidence => ({
  votes: {},
  greenSince: null,
  armedAt: null,
  decision: null,
  incident: null,
  revision,
  verdict: { code: "Healthy", since: at, at, because: "", firstFailingAt: null },
});
const wish = (application: string) => ({ application, priority: 5, primary: "eu-west-1", regional: true, at });

describe("the items of a look", () => {
  it("the items of an evaluation are read in one call, and are as new where there is nothing yet", async () => {
    await simulated({}, async ({ context: { store }, world }) => {
      const nothing = await store.watched("shop");
      expect(nothing).toMatchObject({
        planVersion: null,
        row: null,
        evidence: null,
        controls: noControls,
        sensors: [],
        asked: null,
        storm: [],
      });
      expect(nothing.stormTold("arn:aws:sns:eu-central-1:1:x")).toBeNull();
      expect(world.journal.map(({ operation }) => operation)).toEqual(["BatchGetItem"]);
      const version = await store.savePlan(aPlan());
      expect(await store.watched("shop")).toMatchObject({
        planVersion: version,
        row: { active: "eu-west-1", run: null, lastRun: null },
      });
    });
  });
  it("hold what a run asks, without its task token", async () => {
    await simulated({}, async ({ context: { store } }) => {
      const question = aQuestion();
      await store.saveQuestion("shop", question, "token", "nonce");
      expect((await store.watched("shop")).asked).toEqual({ question, nonce: "nonce", told: false });
    });
  });
  it("the items of an evaluation keep the evidence of the faster one", async () => {
    await simulated({}, async ({ context: { store } }) => {
      expect(await store.saveEvaluation("shop", evidence(1), null)).toBe(true);
      expect(await store.saveEvaluation("shop", evidence(1), null)).toBe(false);
      expect(await store.saveEvaluation("shop", evidence(2), evidence(1))).toBe(true);
      expect(await store.saveEvaluation("shop", evidence(2), evidence(1))).toBe(false);
      expect((await store.watched("shop")).evidence).toEqual(evidence(2));
    });
  });
  it("replace the evidence of a version that did not count", async () => {
    await simulated({}, async ({ context: { store } }) => {
      const { revision: _none, ...old } = evidence(0);
      await store.saveEvidence("shop", old);
      const before = (await store.watched("shop")).evidence;
      expect(await store.saveEvaluation("shop", evidence(1), before)).toBe(true);
    });
  });
  it("hold a report for each sensor, and what people say", async () => {
    await simulated({}, async ({ context: { store } }) => {
      const report = (region: string, time = at) => ({ region, at: time, probes: {} });
      await store.saveSensorReport("shop", report("eu-west-1"));
      await store.saveSensorReport("shop", report("us-east-1"));
      await store.saveSensorReport("shop", report("eu-west-1", "2026-03-02T12:01:00.000Z"));
      const paused = { at, by: "ana", reason: null };
      await store.setControls("shop", { paused });
      await store.setControls("shop", { acknowledged: { run: "run-1", at, by: "ana" } });
      const { sensors, controls } = await store.watched("shop");
      expect(sensors.sort((a, b) => a.region.localeCompare(b.region))).toEqual([
        report("eu-west-1", "2026-03-02T12:01:00.000Z"),
        report("us-east-1"),
      ]);
      expect(controls).toEqual({ paused, acknowledged: { run: "run-1", at, by: "ana" } });
      expect(await store.controls("shop")).toEqual(controls);
    });
  });
  it("hold the wishes of all applications, written at the same time", async () => {
    await simulated({}, async ({ context: { store } }) => {
      const names = Array.from({ length: 30 }, (_, nth) => `app-${nth}`);
      await Promise.all(names.map((name) => store.saveStorm(wish(name))));
      await store.saveStorm({ ...wish("app-0"), priority: 1 });
      const { storm } = await store.watched("another");
      expect(storm.map(({ application }) => application).sort()).toEqual([...names].sort());
      expect(storm.find(({ application }) => application === "app-0")?.priority).toBe(1);
    });
  });
  it("the items of an evaluation let one evaluation notify a topic of a mass failover", async () => {
    await simulated({}, async ({ context: { store } }) => {
      const [one, other] = ["arn:aws:sns:eu-central-1:1:on-call", "arn:aws:sns:eu-central-1:1:on_call"] as const;
      const told = { at, applications: ["shop", "bank"] };
      const claims = await Promise.all([1, 2, 3].map(() => store.claimStorm(one, told, null)));
      expect(claims.filter(Boolean)).toHaveLength(1);
      const { stormTold, storm } = await store.watched("shop");
      expect([stormTold(one), stormTold(other), storm]).toEqual([{ ...told, sent: false }, null, []]);
      await store.stormSent([one], at);
      expect((await store.watched("shop")).stormTold(one)).toEqual({ ...told, sent: true });
      expect(await store.claimStorm(other, told, null)).toBe(true);
      const later = { at: "2026-03-02T13:00:00.000Z", applications: [] };
      expect(await store.claimStorm(one, later, at)).toBe(true);
      expect((await store.stormTold())(one)).toEqual({ ...later, sent: false });
      expect(await store.claimStorm(one, later, at)).toBe(false);
    });
  });
});
