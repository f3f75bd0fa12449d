import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Evidence } from "../../functions/core/detect/evidence.ts";
import { armedMinutes, aWorld, error, messages, reset, started, states } from "../support/detect-scene.ts";

beforeEach(reset);

describe("two looks at the same time", () => {
  it("two evaluations at the same time start one run: the second to write judges again with what the first has written", async () => {
    const { minutes, die, tick, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    states.on(StartExecutionCommand).resolvesOnce({}).rejects(error("ExecutionAlreadyExists"));
    await Promise.all([tick(), tick(), tick()]);
    expect(new Set(started().map(({ name }) => name))).toEqual(new Set(["failover-shop-20260302T1211Z"]));
    expect(messages()).toEqual(["Lifeboat: shop: act RegionUnhealthy"]);
    expect((await evidence())?.incident?.answeredAt).not.toBeNull();
  });
  it("two evaluations at the same time lose no event that one of them got", async () => {
    const health = { name: "aws", kind: "awsHealth" as const, services: ["EC2"], region: "eu-west-1" };
    const { tick, evidence } = await aWorld({ witnesses: [health] });
    const detail = {
      service: "EC2",
      eventRegion: "eu-west-1",
      eventTypeCategory: "issue",
      statusCode: "open",
      lastUpdatedTime: "2026-03-02T11:59:00Z",
    };
    const issue = (eventArn: string) => ({
      application: "shop",
      event: { source: "aws.health", "detail-type": "AWS Health Event", detail: { ...detail, eventArn } },
    });
    await Promise.all([tick(), tick(issue("arn:1")), tick(issue("arn:2"))]);
    expect(Object.keys((await evidence())?.issues ?? {})).toEqual(["arn:1", "arn:2"]);
    expect((await evidence())?.votes.aws?.state).toBe("unhealthy");
  });
  it("an evaluation gives up after three lost races: the next one is a minute away", async () => {
    const { context, tick } = await aWorld();
    context.store.saveEvaluation = async () => false;
    await expect(tick()).rejects.toThrow("shop is evaluated by another invocation at the same time");
  });
  it("two evaluations at the same time record the answer on the evidence of the other, and leave another incident alone", async () => {
    const { minutes, die, context, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    const { saveEvaluation } = context.store;
    let calls = 0;
    context.store.saveEvaluation = async (application, next, before) => {
      calls += 1;
      // another look writes between the two writes of this one
      if (calls === 2) await saveEvaluation(application, { ...before!, revision: 99 } as Evidence, before);
      return saveEvaluation(application, next, before);
    };
    await minutes(1);
    expect(await evidence()).toMatchObject({
      revision: 101,
      untold: null,
      incident: { answeredAt: "2026-03-02T12:14:00.000Z" },
    });
  });
  it("two evaluations that cannot record what was done start no second run, and send the message once more", async () => {
    const { minutes, die, context } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    const { saveEvaluation } = context.store;
    let first = true;
    context.store.saveEvaluation = async (...given) => {
      if (!first) return false;
      first = false;
      return saveEvaluation(...given);
    };
    await minutes(1);
    expect(context.told.logs.join()).toContain("what was done is not noted");
    context.store.saveEvaluation = saveEvaluation;
    states.on(StartExecutionCommand).rejects(error("ExecutionAlreadyExists"));
    expect((await minutes(1)).decision).toMatchObject({ action: "act" });
    expect((await minutes(1)).decision).toMatchObject({ action: "hold", code: "AlreadyActedOn" });
    expect(messages()).toEqual(Array(2).fill("Lifeboat: shop: act RegionUnhealthy"));
  });
});

describe("a look that begins a moment before the verdict is due", () => {
  const aMomentBefore = async (meanwhile: (scene: Awaited<ReturnType<typeof aWorld>>) => Promise<unknown>) => {
    const scene = await aWorld();
    await scene.minutes(armedMinutes);
    scene.die();
    await scene.minutes(3);
    scene.world.seconds -= 5;
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const look = scene.tick();
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(started()).toEqual([]);
    scene.world.seconds += 5;
    await meanwhile(scene);
    await vi.advanceTimersByTimeAsync(1);
    return (await look) as { decision: unknown };
  };
  it("an evaluation just before the verdict is due judges at that moment, and starts the run", async () => {
    const { decision } = await aMomentBefore(async () => {});
    expect(decision).toMatchObject({ action: "act", at: "2026-03-02T12:14:00.000Z" });
    expect(started()).toHaveLength(1);
  });
  it("an evaluation just before the verdict is due starts nothing that a person has paused in that moment", async () => {
    const paused = { at: "2026-03-02T12:13:58.000Z", by: "ana", reason: null };
    const { decision } = await aMomentBefore(({ tell }) => tell({ paused }));
    expect(decision).toMatchObject({ action: "hold", code: "Paused" });
    expect(started()).toEqual([]);
  });
  it("an evaluation just before the verdict is due starts nothing when a later look has seen the primary well", async () => {
    const { decision } = await aMomentBefore(async ({ context, evidence, world }) => {
      const before = await evidence();
      const healthy = { state: "healthy" as const, checkedAt: context.now().toISOString(), because: "200" };
      const votes = Object.entries(before!.votes).map(([name, vote]) => [name, { ...vote, ...healthy }]);
      world.seconds += 1;
      await context.store.saveEvaluation(
        "shop",
        { ...before!, votes: Object.fromEntries(votes), revision: 99 },
        before,
      );
    });
    expect(decision).not.toMatchObject({ action: "act" });
    expect(started()).toEqual([]);
  });
  it.each([
    ["was removed", { pk: "shop", sk: "plan" }],
    ["lost its row", { pk: "shop", sk: "row" }],
  ])(
    "an evaluation just before the verdict is due starts and writes nothing of an application that %s in that moment",
    async (_, key) => {
      let [before, read] = [null as Evidence | null, async () => null as Evidence | null];
      const result = await aMomentBefore(async ({ context, evidence }) => {
        [before, read] = [await evidence(), evidence];
        await context.table.remove(key);
      });
      expect(result).toEqual({ dropped: "shop has no plan in this Region" });
      expect(started()).toEqual([]);
      expect(messages()).toEqual([]);
      expect(await read()).toEqual(before);
    },
  );
  it("an evaluation just before the verdict is due judges anew by the plan that was deployed in that moment", async () => {
    const { decision } = await aMomentBefore(({ context, plan }) =>
      context.store.savePlan({ ...plan, detect: { ...plan.detect, action: "notify" } }),
    );
    expect(decision).toMatchObject({ action: "notify" });
    expect(started()).toEqual([]);
  });
  it("an evaluation gives up when plans are deployed faster than it can evaluate", async () => {
    const scene = await aWorld();
    const { watched } = scene.context.store;
    let nth = 0;
    scene.context.store.saveEvaluation = async () => false;
    scene.context.store.watched = async (application) => {
      const found = await watched(application);
      return { ...found, planVersion: (nth++ % 2 === 1 && "another") || found.planVersion };
    };
    expect(await scene.tick()).toEqual({ dropped: "the plan was deployed twice during this evaluation" });
  });
});
