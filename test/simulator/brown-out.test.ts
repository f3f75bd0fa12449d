import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { step } from "../../functions/runtime/step.ts";
import { inVirtualTime } from "../../simulator/clock.ts";
import { createLambda, type Lambda, type LambdaEnvironment } from "../../simulator/machines/lambda.ts";
import type { Story } from "../../simulator/story/played-story.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { anOutside } from "../support/context.ts";
import { brokenIn } from "../support/judged-stories.ts";
import { dark, playPair } from "../support/pair.ts";

/** One function that greets, in a Region whose Lambda is as `brownOut` says. */
const greeted = <T>(brownOut: LambdaEnvironment["brownOut"], body: (lambda: Lambda) => Promise<T>) => {
  const place = {
    crashes: [],
    brownOut,
    startMs: () => 0,
    isDown: () => false,
    regionUp: async () => {},
    concurrency: () => 10,
  };
  const handlers = { Greet: step("Greet", z.object({}), async () => "hello") };
  const environment: LambdaEnvironment = { ...place, outside: () => anOutside() };
  return inVirtualTime({ start: new Date(0), random: () => 0.5 }, () => body(createLambda(handlers, environment)));
};
const nameOf = ({ name }: Error) => name;

describe("an invocation while Lambda browns out", () => {
  it.each([
    ["unavailable", "Lambda.ServiceException"],
    ["throttled", "Lambda.TooManyRequestsException"],
  ] as const)("%s is refused as %s", async (brownOut, name) => {
    const invoked = greeted(
      () => brownOut,
      (lambda) => lambda.invoke("Greet", {}).catch(nameOf),
    );
    expect(await invoked).toBe(name);
  });

  it.each([
    // tried after 0, 1, 3, 7, 15, 31 s
    [30, "hello", 31],
    [120, "Lambda.ServiceException", 31],
  ])("is tried again when nobody waits for it: %i s of refusals end as %s", async (seconds, outcome, after) => {
    const brownOut = () => (Date.now() < seconds * 1_000 ? "unavailable" : null);
    const delivered = greeted(brownOut, async (lambda) => [
      await lambda.deliver("Greet", {}, 60).catch(nameOf),
      Date.now() / 1_000,
    ]);
    expect(await delivered).toEqual([outcome, after]);
  });
});

describe("a brown-out of Lambda and Step Functions while a failover is due", () => {
  let story: Story;
  beforeAll(async () => {
    const services = ["Lambda", "Step Functions"];
    const hurt = { at: "2m", for: "3m", fault: "brown-out", services, region: "recovery", error: "throttled" };
    story = await playPair({ scenario: { faults: [dark, hurt] } });
  });

  it("lets nothing of the controller run, nor start", () => {
    const { world, zeroAt, executions } = story;
    // what began before may end
    const before = executions.flatMap(({ arn, invocations }) =>
      invocations.flatMap(({ state, startedAt, endedAt }) =>
        startedAt < zeroAt + 120_000 && endedAt > zeroAt + 120_000 ? [`${arn} ${state}`] : [],
      ),
    );
    const during = world.journal.filter(({ at, region, step, execution }) => {
      const seconds = (Date.parse(at) - zeroAt) / 1_000;
      if (before.includes(`${execution} ${step}`)) return false;
      return seconds >= 125 && seconds < 300 && region === "eu-central-1" && step !== "Sense" && step !== "Guard";
    });
    expect(during).toEqual([]);
  });

  it("ends in a failover all the same", () => {
    const { outcome, runs } = resultOf(story);
    expect(outcome).toBe("succeeded");
    expect(Date.parse(runs[0]!.startedAt)).toBeGreaterThanOrEqual(story.zeroAt + 300_000);
  });
});

describe("a brown-out of Step Functions while a failover is under way", () => {
  it("begins no further task, and the failover goes on when it is over", async () => {
    const hurt = { at: "5m", for: "2m", fault: "brown-out", services: ["Step Functions"], region: "recovery" };
    const story = await playPair({ scenario: { faults: [dark, hurt] } });
    const run = story.executions.find(({ machine }) => machine === "failover")!;
    const begun = run.invocations.map(({ startedAt }) => (startedAt - story.zeroAt) / 1_000);

    expect(begun.filter((at) => at < 300).length).toBeGreaterThan(5);
    expect(begun.filter((at) => at >= 300 && at < 420)).toEqual([]);
    expect([resultOf(story).outcome, brokenIn(story)]).toEqual(["succeeded", []]);
  });
});
