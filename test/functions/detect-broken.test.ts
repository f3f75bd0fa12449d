import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PublishCommand } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "vitest";
import {
  armedMinutes,
  aWorld,
  cloudWatch,
  error,
  messages,
  reset,
  sns,
  started,
  states,
} from "../support/detect-scene.ts";

beforeEach(reset);

/** Looks that counted, of all that told the switch. */
const looks = () => {
  const data = cloudWatch.commandCalls(PutMetricDataCommand).map(({ args: [{ input }] }) => input.MetricData ?? []);
  return {
    switch: data.length,
    looked: data.filter((one) => one.some(({ MetricName }) => MetricName === "Looked")).length,
  };
};
const broken = "Lifeboat: shop: its health is not watched";
const brokenMessages = () => messages().filter((subject) => subject === broken).length;

describe("a look that cannot do what it decides", () => {
  it("an evaluation whose start is refused publishes no heartbeat, and notifies at once and each quarter of an hour", async () => {
    const { minutes, die, tick, world } = await aWorld();
    await minutes(armedMinutes);
    die();
    await minutes(3);
    const before = looks();
    states.on(StartExecutionCommand).rejects(error("AccessDeniedException"));
    await expect(tick()).rejects.toThrow();
    expect(brokenMessages()).toBe(1);
    expect(sns.commandCalls(PublishCommand).at(-1)!.args[0].input.Message).toContain(
      "AccessDeniedException: no answer\n",
    );
    expect(looks()).toEqual({ switch: before.switch + 1, looked: before.looked });
    for (let minute = 0; minute < 20; minute++) {
      world.seconds += 60;
      await tick().catch(() => {});
    }
    expect([brokenMessages(), looks().looked]).toEqual([2, before.looked]);
  });

  it("an evaluation notifies that the table cannot be written, without reading the table, while all is well", async () => {
    const { context, tick } = await aWorld();
    context.store.saveEvaluation = () => Promise.reject(error("AccessDeniedException"));
    await expect(tick()).rejects.toThrow();
    expect([brokenMessages(), looks()]).toEqual([1, { switch: 1, looked: 0 }]);
  });

  it.each([
    ["of the table", () => Promise.reject(error("ProvisionedThroughputExceededException"))],
    ["of ours: other looks are always faster", () => Promise.resolve(false)],
  ])(
    "an evaluation leaves a transient fault to the next one, and to the heartbeat: one %s",
    async (_, saveEvaluation) => {
      const { context, tick } = await aWorld();
      context.store.saveEvaluation = saveEvaluation;
      await expect(tick()).rejects.toThrow();
      expect([brokenMessages(), looks()]).toEqual([0, { switch: 1, looked: 0 }]);
    },
  );

  it("the heartbeat is published again by the first evaluation that completes", async () => {
    const { minutes } = await aWorld();
    await minutes(2);
    expect([looks(), started()]).toEqual([{ switch: 2, looked: 2 }, []]);
  });
});

it("a table that is unavailable moves nothing while the primary is healthy", async () => {
  const { context, minutes, tick, world } = await aWorld();
  await minutes(armedMinutes);
  const { watched } = context.store;
  context.store.watched = () => Promise.reject(error("InternalServerError"));
  for (let minute = 0; minute < 30; minute++) {
    world.seconds += 60;
    await tick().catch(() => {});
  }
  context.store.watched = watched;
  expect((await minutes(5)).decision).toMatchObject({ action: "none", code: "Healthy" });
  expect(started()).toEqual([]);
});
