import { expect, test } from "vitest";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlanOrThrow } from "../../terminal/plan-file.ts";

const warm = readPlanOrThrow("test/scenarios/plans/warm.yml");
const plan = {
  ...warm,
  detect: { ...warm.detect, action: "approve" as const },
  notify: { ...warm.notify, topics: [`arn:aws:sns:${warm.regions.recovery}:111122223333:lifeboat`] },
};
const dark = { at: "0s", fault: "region-down", region: "primary" };
const play = (faults: object[] = [], seed = 1, input: object = { by: "ann" }) => {
  const operations = [{ at: "8m", do: "approve", input }];
  const scenario = toScenario({ name: "asked", faults: [dark, ...faults], operations }, "asked", plan);
  return playStory({ plan, scenario, seed, run: null });
};
type Played = Awaited<ReturnType<typeof play>>;
const brokenInvariants = (story: Played) => resultOf(story).invariants.filter(({ held }) => !held);
const messages = ({ world }: Played) =>
  world.journal
    .filter(({ operation, outcome }) => operation === "Publish" && outcome === "ok")
    .map(({ input }) => `${input.Subject}`)
    .filter((subject) => subject.includes("approval needed"));

test("a task token is in the item of its question, and nowhere else that people or programs can read", async () => {
  const story = await play();
  const token = /failover-warm[\w-]*#task-\d+/;
  expect(resultOf(story).outcome).toBe("succeeded");
  expect(brokenInvariants(story)).toEqual([]);
  expect(messages(story)).toHaveLength(1);
  expect(JSON.stringify([story.environment.logs, story.environment.metrics, resultOf(story)])).not.toMatch(token);
  const holding = story.world.journal.filter(({ input }) => token.test(JSON.stringify(input)));
  const places = holding.map(({ operation, input }) => {
    const { sk = "" } = (input.Item ?? input.Key ?? {}) as { sk?: unknown };
    return `${operation} ${JSON.stringify(sk)}`;
  });
  expect([...new Set(places)].sort()).toEqual(['PutItem {"S":"question"}', 'SendTaskSuccess ""']);
});

test("the page's own machine gives the answer, and does nothing else", async () => {
  const story = await play([], 1, { by: "ann", page: true });
  expect(resultOf(story).outcome).toBe("succeeded");
  expect(brokenInvariants(story)).toEqual([]);
  const given = story.executions.filter(({ machine }) => machine === "answer");
  expect(given.map(({ status }) => status)).toEqual(["SUCCEEDED"]);
  expect(given[0]!.invocations.map(({ state }) => state)).toEqual(["LoadPlan", "Answer"]);
});

test("an answer that comes when nothing waits ends red, and tells nobody a second time", async () => {
  const operations = ["8m", "9m"].map((at) => ({ at, do: "approve", input: { by: "ann", page: true } }));
  const scenario = toScenario({ name: "twice", faults: [dark], operations }, "twice", plan);
  const story = await playStory({ plan, scenario, seed: 1, run: null });
  const given = story.executions.filter(({ machine }) => machine === "answer");
  expect(given.map(({ status }) => status)).toEqual(["SUCCEEDED", "FAILED"]);
  expect(messages(story)).toHaveLength(1);
  expect(brokenInvariants(story)).toEqual([]);
});

const deaths = [
  ["Ask", "PutItem"],
  ["Ask", "Publish"],
  ["Ask", "UpdateItem"],
  ["Answer", "UpdateItem"],
  ["Answer", "SendTaskSuccess"],
  ["Answer", "PutItem"],
  ["Consider", "UpdateItem"],
  ["Consider", "PutItem"],
].flatMap(([step, operation]) => [
  { step, operation, when: "before" },
  { step, operation, when: "after" },
]);

test.each(deaths)("one approval is one approval when $step dies $when $operation", async (death) => {
  const story = await play([{ at: "0s", fault: "lambda-crash", ...death, count: 1 }]);
  expect(resultOf(story)).toMatchObject({ outcome: "succeeded", error: null });
  expect(brokenInvariants(story)).toEqual([]);
  const ended = story.executions.filter(({ machine }) => machine === "failover").map(({ status }) => status);
  expect(ended).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  // who dies between the message and the note that it was sent sends it once more: rather twice than never
  const unnoted = ["Ask Publish after", "Ask UpdateItem before"].includes(Object.values(death).join(" "));
  expect(messages(story)).toHaveLength(unnoted ? 2 : 1);
});
