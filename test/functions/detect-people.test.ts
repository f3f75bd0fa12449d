import { CreateScheduleCommand } from "@aws-sdk/client-scheduler";
import { PublishCommand } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "vitest";
import { aRow } from "../support/builders.ts";
import {
  armedMinutes,
  aWorld,
  booked,
  error,
  messages,
  reset,
  scheduler,
  sns,
  started,
} from "../support/detect-scene.ts";

beforeEach(reset);
const incidentOf = (nth = 0) => JSON.parse(started()[nth]?.input ?? "{}").incident;

describe("detect and what people have said", () => {
  it("detect does nothing while it is paused, says so once, and acts when it is resumed", async () => {
    const { minutes, die, tell } = await aWorld();
    await minutes(armedMinutes);
    await tell({ paused: { at: "2026-03-02T12:10:30.000Z", by: "ana", reason: null } });
    die();
    expect((await minutes(10)).decision).toMatchObject({ action: "hold", code: "Paused" });
    expect(started()).toEqual([]);
    expect(messages()).toEqual(["Lifeboat: shop: hold Paused"]);
    await tell({ paused: null });
    expect((await minutes(1)).decision).toMatchObject({ action: "act", code: "RegionUnhealthy" });
    expect(incidentOf().firstFailingAt).toBe("2026-03-02T12:11:00.000Z");
  });
  it("detect does nothing in a window of maintenance, and acts after it", async () => {
    const maintenance = [{ cron: "10 12 * * ? *", forSeconds: 600 }];
    const { minutes, die } = await aWorld({ detect: { maintenance } });
    await minutes(armedMinutes);
    die();
    expect((await minutes(9)).decision).toMatchObject({ action: "hold", code: "Maintenance" });
    expect((await minutes(1)).decision).toMatchObject({ action: "act" });
  });
  it("detect is blocked after a run until a person acknowledges it", async () => {
    const lastRun = { id: "arn", name: "run-0", outcome: "failed", endedAt: "2026-03-02T11:59:00.000Z" };
    const { minutes, die, tell } = await aWorld({ row: aRow({ lastRun }) });
    await minutes(armedMinutes);
    die();
    expect((await minutes(4)).decision).toMatchObject({ action: "hold", code: "Blocked" });
    await tell({ acknowledged: { run: "run-0", at: "2026-03-02T12:14:30.000Z", by: "ana" } });
    expect((await minutes(1)).decision).toMatchObject({ action: "act" });
  });
  it("detect starts a run that asks, in the mode approve, and leaves the message to that", async () => {
    const { minutes, die, evidence } = await aWorld({ detect: { action: "approve" } });
    await minutes(armedMinutes);
    die();
    expect((await minutes(4)).decision).toMatchObject({ action: "ask", code: "RegionUnhealthy" });
    expect(incidentOf()).toMatchObject({ ask: true });
    expect(incidentOf()).not.toHaveProperty("storm");
    expect(messages()).toEqual([]);
    expect((await evidence())?.incident?.answeredAt).not.toBeNull();
    expect((await minutes(3)).decision).toMatchObject({ action: "hold", code: "AlreadyActedOn" });
    expect(started()).toHaveLength(1);
  });
});

describe("detect after a failover", () => {
  it("detect does not arm again by what it sees of the old Region after a failover", async () => {
    const moved = aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 });
    const { minutes, die, evidence } = await aWorld({ row: moved });
    await minutes(30);
    expect(await evidence()).toMatchObject({ armedAt: null, greenSince: null });
    die();
    expect((await minutes(30)).decision).toMatchObject({ action: "none", code: "AlreadyMoved" });
    expect(started()).toEqual([]);
  });
  it("detect arms again only when it has seen the primary healthy for long enough", async () => {
    const moved = aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 });
    const { minutes, die, context } = await aWorld({ row: moved });
    await minutes(30);
    await context.table.put({ pk: "shop", sk: "row" }, { ...aRow() });
    await minutes(3);
    die();
    expect((await minutes(6)).decision).toMatchObject({ action: "hold", code: "NotArmed" });
  });
});

describe("detect in a storm", () => {
  const others = async ({ context }: Awaited<ReturnType<typeof aWorld>>, count: number, primary = "us-east-") => {
    for (let nth = 1; nth <= count; nth++)
      await context.store.saveStorm({
        application: `other-${nth}`,
        priority: 9 - nth,
        primary: `${primary}${nth}`,
        regional: true,
        at: context.now().toISOString(),
      });
  };
  const sentence =
    "6 applications want to move within 600 s (other-5, other-4, shop, other-3, other-2, other-1), more than 5; no other plan's regional witness is red about eu-west-1";
  it("detect asks once for all applications of a mass failover, the most important first, and starts the run that waits", async () => {
    const scene = await aWorld();
    const { minutes, die, evidence } = scene;
    await minutes(armedMinutes);
    die();
    await minutes(3);
    await others(scene, 5);
    const { decision } = await minutes(1);
    expect(decision).toMatchObject({ action: "ask", code: "Storm" });
    expect(decision.because).toContain(sentence);
    expect(incidentOf()).toMatchObject({ ask: true, storm: true });
    expect(messages()).toEqual(["Lifeboat: 6 applications need approval to fail over"]);
    const text = sns.commandCalls(PublishCommand)[0]?.args[0].input.Message;
    expect(text).toMatch(/^1\. other-5 \(priority 4\), from us-east-5$.*^2\. other-4 .*^3\. shop /ms);
    expect(text).toContain("Approve:  lifeboat approve shop --region eu-central-1\n");
    expect((await evidence())?.incident?.answeredAt).not.toBeNull();
  });
  it("detect notifies a topic once of a mass failover, whichever application comes second", async () => {
    const scene = await aWorld();
    await scene.minutes(armedMinutes);
    scene.die();
    await scene.minutes(3);
    await others(scene, 5);
    const [topic] = scene.plan.notify.topics;
    const told = { at: scene.context.now().toISOString(), applications: ["shop", "other-1"] };
    await scene.context.store.claimStorm(topic!, told, null);
    expect((await scene.minutes(1)).decision).toMatchObject({ action: "ask", code: "Storm" });
    expect(messages()).toEqual([]);
  });
  it.each([
    ["before it looked", false],
    ["while it looked", true],
  ])(
    "detect notifies a topic again that was notified %s of a mass failover without this application",
    async (_case, late) => {
      const scene = await aWorld();
      const { context, minutes } = scene;
      await minutes(armedMinutes);
      scene.die();
      await minutes(3);
      await others(scene, 5);
      const [topic] = scene.plan.notify.topics;
      const told = { at: context.now().toISOString(), applications: ["other-1", "other-2"] };
      const { claimStorm } = context.store;
      if (late)
        context.store.claimStorm = async (...given) => {
          context.store.claimStorm = claimStorm;
          await claimStorm(topic!, told, null);
          return claimStorm(...given);
        };
      else await claimStorm(topic!, told, null);
      await minutes(1);
      expect(messages()).toEqual(["Lifeboat: 6 applications need approval to fail over"]);
      const { stormTold } = await context.store.watched("shop");
      expect(stormTold(topic!)).toMatchObject({ applications: expect.arrayContaining(["shop"]), sent: true });
    },
  );
  it("detect acts when the regional witnesses of another plan say the same of its Region", async () => {
    const scene = await aWorld();
    await scene.minutes(armedMinutes);
    scene.die();
    await scene.minutes(3);
    await others(scene, 5);
    await scene.context.store.saveStorm({
      application: "neighbour",
      priority: 1,
      primary: "eu-west-1",
      regional: true,
      at: scene.context.now().toISOString(),
    });
    expect((await scene.minutes(1)).decision).toMatchObject({ action: "act", code: "RegionUnhealthy" });
  });
  it("detect writes its failover intent before it is due, so that all applications know of each other by then", async () => {
    const { minutes, die, context } = await aWorld();
    const wishes = async () => (await context.store.watched("shop")).storm;
    await minutes(armedMinutes);
    expect(await wishes()).toEqual([]);
    die();
    await minutes(1);
    expect(await wishes()).toEqual([
      { application: "shop", priority: 5, primary: "eu-west-1", regional: true, at: "2026-03-02T12:11:00.000Z" },
    ]);
  });
  it("detect writes no failover intent that it may not carry out", async () => {
    const { minutes, die, context } = await aWorld();
    die();
    await minutes(6);
    expect((await context.store.watched("shop")).storm).toEqual([]);
  });
  it("detect starts the run even when its failover intent cannot be written", async () => {
    const { minutes, die, context } = await aWorld();
    await minutes(armedMinutes);
    die();
    context.store.saveStorm = () => Promise.reject(error("ThrottlingException"));
    await minutes(4);
    expect(started()).toHaveLength(1);
    expect(context.told.logs.join()).toContain("intent not written");
  });
});

describe("detect and the one more look that it books", () => {
  it("detect schedules one more evaluation when the verdict is degraded, for the moment when it can be complete, and only once", async () => {
    const { minutes, die } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    expect(booked()).toEqual([
      {
        GroupName: "lifeboat-shop",
        Name: "look-shop-2026-03-02T1213",
        ClientToken: expect.stringMatching(/^[0-9a-f]{64}$/),
        ScheduleExpression: "at(2026-03-02T12:13:52)",
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: {
          Arn: "arn:detect",
          RoleArn: "arn:scheduler",
          Input: '{"application":"shop"}',
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        },
      },
    ]);
  });
  it("detect schedules another evaluation when the unhealthy time starts again", async () => {
    const { minutes, die } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(1);
    reset();
    const before = booked().length;
    await minutes(1);
    die();
    await minutes(1);
    expect(
      booked()
        .slice(before)
        .map(({ ScheduleExpression }) => ScheduleExpression),
    ).toEqual(["at(2026-03-02T12:15:52)"]);
  });
  it.each([
    ["is booked already", "ConflictException", false],
    ["cannot be booked", "ThrottlingException", true],
  ])("detect continues when the extra evaluation %s", async (_case, name, isLogged) => {
    const { minutes, die, context } = await aWorld();
    await minutes(armedMinutes);
    die();
    scheduler.on(CreateScheduleCommand).rejects(error(name));
    expect((await minutes(4)).decision).toMatchObject({ action: "act" });
    expect(context.told.logs.join().includes("no further evaluation was booked")).toBe(isLogged);
  });
  it("detect schedules no evaluation where it does not know its own function name", async () => {
    const { minutes, die, context } = await aWorld();
    context.settings = { ...context.settings, detectFunction: "", schedulerRole: "" };
    die();
    await minutes(2);
    expect(booked()).toEqual([]);
  });
});
