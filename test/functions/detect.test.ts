import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "vitest";
import { aRow } from "../support/builders.ts";
import {
  armedMinutes,
  aWorld,
  cloudWatch,
  error,
  heartbeats,
  messages,
  reset,
  sns,
  started,
  states,
} from "../support/detect-scene.ts";

beforeEach(reset);

describe("detect while all is well", () => {
  it("detect sees the primary healthy, arms once that has lasted, and does nothing", async () => {
    const { minutes, evidence } = await aWorld();
    expect(await minutes(armedMinutes)).toEqual({
      decision: {
        action: "none",
        code: "Healthy",
        because: "3 of 3 witnesses are healthy (errors, canary, region)",
        at: "2026-03-02T12:10:00.000Z",
      },
      verdict: expect.objectContaining({ code: "Healthy", since: "2026-03-02T12:00:00.000Z" }),
    });
    expect(await evidence()).toMatchObject({
      greenSince: "2026-03-02T12:00:00.000Z",
      armedAt: "2026-03-02T12:10:00.000Z",
      incident: null,
    });
    expect(started()).toEqual([]);
    expect(messages()).toEqual([]);
  });
  it("detect measures the verdict and each witness that is not healthy for the dashboard", async () => {
    const { minutes, context, die } = await aWorld();
    await minutes(1);
    const of = (name: string) =>
      context.told.metrics
        .filter((metric) => metric.name === name)
        .map(({ value, dimensions }) => ({ value, ...dimensions }));
    expect(of("Verdict")).toEqual([]);
    expect(of("WitnessState")).toEqual([]);
    die();
    await minutes(1);
    expect(of("Verdict")).toEqual([{ value: 3, Application: "shop" }]);
    expect(of("WitnessState")).toEqual([
      { value: 0.5, Application: "shop", Witness: "errors" },
      { value: 1, Application: "shop", Witness: "canary" },
      { value: 1, Application: "shop", Witness: "region" },
    ]);
  });
  it("detect publishes the switch of the state record each minute", async () => {
    const { minutes } = await aWorld({ row: aRow({ active: "eu-central-1", phase: "failedOver", switch: 1 }) });
    await minutes(2);
    expect(heartbeats()).toEqual([1, 1]);
  });
  it("detect goes on when the heartbeat cannot be published", async () => {
    const { minutes, context } = await aWorld();
    cloudWatch.on(PutMetricDataCommand).rejects(error("AccessDenied"));
    expect((await minutes(1)).decision.code).toBe("Healthy");
    expect(context.told.logs.join()).toContain("heartbeat not published");
  });
});

describe("detect when the Region dies", () => {
  it("detect starts one run, named by its incident, once the verdict was sustained", async () => {
    const { minutes, die, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    expect((await minutes(3)).decision).toMatchObject({ action: "hold", code: "Degraded" });
    expect(started()).toEqual([]);

    const { decision, verdict } = await minutes(1);
    const because =
      "2 of 3 witnesses are unhealthy (canary: no answer (ETIMEDOUT); region: TimeoutError: no answer) for 180 s; cannot tell: errors (TimeoutError: no answer); 2 needed, 1 of them regional for 180 s";
    expect(decision).toEqual({ action: "act", code: "RegionUnhealthy", because, at: "2026-03-02T12:14:00.000Z" });
    expect(verdict.firstFailingAt).toBe("2026-03-02T12:11:00.000Z");
    const [input, ...others] = started();
    expect(others).toEqual([]);
    expect(input).toMatchObject({ stateMachineArn: "arn:failover", name: "failover-shop-20260302T1211Z" });
    expect(JSON.parse(input?.input ?? "")).toEqual({
      application: "shop",
      incident: {
        id: "20260302T1211Z",
        firstFailingAt: "2026-03-02T12:11:00.000Z",
        decidedAt: "2026-03-02T12:14:00.000Z",
        because,
      },
    });
    expect((await evidence())?.incident?.answeredAt).toBe("2026-03-02T12:14:00.000Z");
    expect(messages()).toEqual(["Lifeboat: shop: act RegionUnhealthy"]);
  });
  it("detect starts one run per incident, also when the run has failed since", async () => {
    const { minutes, die } = await aWorld();
    await minutes(armedMinutes);
    die();
    expect((await minutes(10)).decision).toMatchObject({ action: "hold", code: "AlreadyActedOn" });
    expect(started()).toHaveLength(1);
    expect(messages()).toHaveLength(1);
  });
  it("detect accepts a run that was started before, and still notifies: the starter may have died", async () => {
    const { minutes, die, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    states.on(StartExecutionCommand).rejects(error("ExecutionAlreadyExists"));
    await minutes(4);
    expect((await evidence())?.incident?.answeredAt).toBe("2026-03-02T12:14:00.000Z");
    expect(messages()).toEqual(["Lifeboat: shop: act RegionUnhealthy"]);
  });
  it("detect asks for the same run again when the start failed, and the heartbeat goes on", async () => {
    const { minutes, die, tick, world, evidence } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    states.on(StartExecutionCommand).rejectsOnce(error("ThrottlingException")).resolves({});
    const before = heartbeats().length;
    await expect(tick()).rejects.toThrow("no answer");
    expect(heartbeats()).toHaveLength(before + 1);
    expect((await evidence())?.incident).toMatchObject({ id: "20260302T1211Z", answeredAt: null });
    world.seconds += 60;
    await tick();
    expect(started().map(({ name }) => name)).toEqual(["failover-shop-20260302T1211Z", "failover-shop-20260302T1211Z"]);
  });
  it("detect starts the run before it notifies anybody, and before it writes anything else", async () => {
    const { minutes, die, context } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    const record = context.store.record;
    const order: string[] = [];
    states.on(StartExecutionCommand).callsFake(() => order.push("start") && {});
    sns.on(PublishCommand).callsFake(() => order.push("tell") && {});
    cloudWatch.on(PutMetricDataCommand).callsFake(() => order.push("heartbeat") && {});
    context.store.record = (...given) => {
      order.push("ledger");
      return record(...given);
    };
    await minutes(1);
    expect(order).toEqual(["start", "tell", "ledger", "heartbeat"]);
  });
  it("detect says once that it would act, were it armed", async () => {
    const { minutes, die } = await aWorld();
    die();
    expect((await minutes(6)).decision).toMatchObject({ action: "hold", code: "NotArmed" });
    expect(started()).toEqual([]);
    expect(messages()).toEqual(["Lifeboat: shop: hold NotArmed"]);
  });
  it("detect writes each new decision into the ledger once", async () => {
    const { minutes, die, context } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(6);
    const entries = await context.store.ledger("shop", "detect");
    expect(entries.map(({ subject, outcome }) => `${outcome} ${subject}`)).toEqual([
      "none Healthy",
      "hold Degraded",
      "act RegionUnhealthy",
      "hold AlreadyActedOn",
    ]);
  });
  it("detect leaves alone an application that a run is moving", async () => {
    const lease = {
      id: "arn",
      name: "run-1",
      machine: "failover",
      acquiredAt: "",
      phaseBefore: "protected" as const,
      points: {},
    };
    const { minutes, die } = await aWorld({ row: aRow({ run: lease, phase: "running" }) });
    die();
    expect((await minutes(6)).decision).toMatchObject({ action: "none", code: "RunInProgress" });
  });
});

describe("detect in the mode notify", () => {
  const notify = { action: "notify" as const };
  it("in the mode notify, detect notifies once, and starts nothing", async () => {
    const { minutes, die } = await aWorld({ detect: notify });
    await minutes(armedMinutes);
    die();
    await minutes(6);
    expect(started()).toEqual([]);
    expect(messages()).toEqual(["Lifeboat: shop: notify RegionUnhealthy"]);
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message).toContain(
      'To fail over, start the failover machine with { "application": "shop" }.',
    );
  });
  it("in the mode notify, detect tries again while no topic takes the message", async () => {
    const { minutes, die, evidence } = await aWorld({ detect: notify });
    await minutes(armedMinutes);
    die();
    sns.on(PublishCommand).rejects(error("TimeoutError"));
    await minutes(5);
    expect((await evidence())?.incident?.answeredAt).toBeNull();
    sns.on(PublishCommand).resolves({});
    await minutes(1);
    expect((await evidence())?.incident?.answeredAt).not.toBeNull();
  });
  it("in the mode notify, an incident counts as handled when there is no topic at all", async () => {
    const { minutes, die, evidence } = await aWorld({ detect: notify, topics: [] });
    await minutes(armedMinutes);
    die();
    await minutes(4);
    expect((await evidence())?.incident?.answeredAt).not.toBeNull();
  });
});
