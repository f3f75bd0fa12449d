import { expect, test } from "vitest";
import { ec2Of } from "../../simulator/ec2/state.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { objectText } from "../../simulator/services/s3.ts";
import type { StoryOptions } from "../../simulator/story/played-story.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { stateOf } from "../../simulator/world/state-of.ts";
import { matrixPlan } from "./play.ts";

const pair = matrixPlan("failover");
const plan = { ...pair, recover: { ...pair.recover, fenceFirst: true, onFailure: "unfence" as const } };
const { primary, recovery } = plan.regions;
const noLaunch = { at: "0s", fault: "api-error", operation: "RunInstances", error: "UnauthorizedOperation" };

const play = (seed: number, faults: object[] = [], onInvoking: StoryOptions["onInvoking"] = () => undefined) => {
  const scenario = toScenario({ name: "no launch", faults: [noLaunch, ...faults] }, "no launch", plan);
  return playStory({ plan, scenario, seed, run: "failover", onInvoking });
};
type Played = Awaited<ReturnType<typeof play>>;
const serversOf = ({ world }: Played) => [...ec2Of(world, primary).instances.values()].map(({ state }) => state);
const rowOf = ({ world }: Played) => stateOf(world, recovery, plan.application).row;
const brokenInvariants = (story: Played) => resultOf(story).invariants.filter(({ held }) => !held);
const reportOf = ({ world }: Played) =>
  objectText(world, recovery, `lifeboat-reports-${recovery}`, `reports/${plan.application}/failover-by-hand.md`);

test.each([1, 2, 3, 4, 5])(
  "a recovery that fails behind the fence leaves production running (seed %i)",
  async (seed) => {
    const story = await play(seed);

    expect(serversOf(story)).toEqual(["running", "running"]);
    expect(resultOf(story).outcome).toBe("failed");
    expect(rowOf(story)).toMatchObject({ active: primary, phase: "protected", run: null });
    expect(reportOf(story)).toContain("2 of 2 stopped servers are running again");
    expect(brokenInvariants(story)).toEqual([]);
  },
);

test("a refusal for the sake of one server, and minutes of throttles, do not keep the others stopped", async () => {
  const refusal = {
    at: "0s",
    fault: "api-error",
    operation: "StartInstances",
    error: "IncorrectInstanceState",
    count: 1,
  };
  const throttle = { at: "0s", for: "5m", fault: "throttle", operation: "StartInstances", rate: 0.9 };
  const story = await play(1, [refusal, throttle]);

  expect(serversOf(story)).toEqual(["running", "running"]);
  expect(brokenInvariants(story)).toEqual([]);
});

test.each(["UnauthorizedOperation", "ServiceUnavailable"])(
  "servers that can never be started (%s): the run ends within the bound, and says what a person does",
  async (error) => {
    const story = await play(1, [{ at: "0s", fault: "api-error", operation: "StartInstances", error }]);

    expect(serversOf(story)).toEqual(["stopped", "stopped"]);
    expect(resultOf(story).outcome).toBe("failed");
    expect(rowOf(story)).toMatchObject({ active: primary, phase: "protected", run: null });
    expect(reportOf(story)).toContain("## Still stopped in eu-west-1");
    const ids = [...ec2Of(story.world, primary).instances.keys()].sort().join(" ");
    expect(reportOf(story)).toContain(`aws ec2 start-instances --region eu-west-1 --instance-ids ${ids}`);
    expect(brokenInvariants(story)).toEqual([]);
  },
);

test("a run that is aborted as it comes to Unfence is reported by close, with the servers that it left stopped", async () => {
  const story = await play(1, [], ({ arn, name }, state, executions) => {
    if (name === "failover-by-hand" && state === "Unfence") executions.stop(arn);
  });

  expect(rowOf(story)).toMatchObject({ active: primary, phase: "protected", run: null });
  expect(reportOf(story)).toContain("## Still stopped in eu-west-1\n\n0 of 2 stopped servers");
});
