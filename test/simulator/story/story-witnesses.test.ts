import { describe, expect, it } from "vitest";
import { resultOf } from "../../../simulator/story/result.ts";
import { startStateOf } from "../../../simulator/world/start-state.ts";
import { codesOf, playWarm, warmStandby } from "../../support/warm.ts";

const api = { name: "region", api: "eu-west-1" };
const unhealthy = (name: string) => ({ at: "1m", fault: "witness", name, state: "unhealthy" });
const voteOf = ({ world, plan }: Awaited<ReturnType<typeof playWarm>>, name: string) =>
  startStateOf(world, plan).evidence?.votes[name]?.state;

/** Everything is well, but what the scenario makes the witnesses see. */
const kinds: [string, object][] = [
  ["alarm", { name: "other", alarm: "warm-5xx", region: "us-east-1" }],
  ["healthCheck", { name: "other", healthCheck: "11111111-2222-3333-4444-555555555555" }],
  [
    "probe of a third Region",
    { name: "other", probe: { url: "tcp://db.example.com:5432", connect: "192.0.2.60", from: "us-west-2" } },
  ],
  ["silence", { name: "other", silence: "eu-west-1", after: "3m" }],
  ["awsHealth", { name: "other", awsHealth: ["EC2"], region: "eu-west-1" }],
];

describe("a scenario makes every kind of witness see what is not there", () => {
  it.each(kinds)("%s: with the Region itself it moves the application", async (_, witness) => {
    const plan = warmStandby({}, [api, witness]);
    const story = await playWarm({ plan, scenario: { faults: [unhealthy("other"), unhealthy("region")] } });
    expect(codesOf(story)).toContain("act RegionUnhealthy");
    expect(resultOf(story)).toMatchObject({ outcome: "succeeded" });
    expect(resultOf(story).invariants.filter(({ held }) => !held)).toEqual([]);
  });

  it.each(kinds)("%s: alone it is no quorum", async (_, witness) => {
    const plan = warmStandby({}, [api, witness]);
    const story = await playWarm({ plan, scenario: { until: "20m", faults: [unhealthy("other")] } });
    expect(codesOf(story)).toEqual(["none Healthy", "hold WitnessesDisagree"]);
    expect(voteOf(story, "other")).toBe("unhealthy");
  });
});

describe("what a Region's sensor tells", () => {
  const silence = { name: "quiet", silence: "eu-west-1", after: "3m" };

  it("the reports of a sensor stop while its Region is dark, and come again", async () => {
    const plan = warmStandby({}, [api, silence]);
    const faults = [{ fault: "region-down", region: "primary", for: "2m" }];
    const story = await playWarm({ plan, scenario: { faults } });
    const from = story.zeroAt;
    const beats = story.world.journal.filter(({ step, operation }) => step === "Sense" && operation === "UpdateItem");
    const times = beats.map(({ at }) => Date.parse(at)).filter((at) => at > from);
    expect(times.some((at) => at < from + 120_000)).toBe(false);
    expect(times.length).toBeGreaterThan(5);
    expect(voteOf(story, "quiet")).toBe("healthy");
  });

  it("the reports of a sensor are dated by its own clock, which may be wrong", async () => {
    const plan = warmStandby({}, [api, silence]);
    const skew = { at: "-5m", fault: "clock-skew", region: "eu-west-1", by: "-30m" };
    const story = await playWarm({ plan, scenario: { until: "10m", faults: [skew] } });
    expect(codesOf(story)).not.toContain("act RegionUnhealthy");
    expect(resultOf(story)).toMatchObject({ runs: [] });
  });
});
