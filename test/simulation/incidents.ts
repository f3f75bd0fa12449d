import { createRandom } from "../../simulator/random.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { watchOutages } from "./incidents-oracle.ts";
import { incidentPlan } from "./incidents-plan.ts";
import { incidentScenario } from "./incidents-scenario.ts";

export type IncidentJob = { kind: "incident"; seed: number };

/** The plan and the scenario that a seed draws. */
export const drawIncident = (seed: number) => {
  const random = createRandom(seed, "incident");
  const plan = incidentPlan(random);
  const document = incidentScenario(random, plan, `incident ${seed}`);
  return { plan, document, scenario: toScenario(document, `incident ${seed}`, plan) };
};

/**
 * Plays one sequence of incidents through the real machines and says what was wrong: an invariant that was broken, two runs at
 * once, or an outage that could be seen and was not answered.
 */
export const playIncident = async ({ seed }: IncidentJob): Promise<string[]> => {
  const { plan, scenario } = drawIncident(seed);
  const { began, missed } = watchOutages();
  const story = await playStory({ plan, scenario, seed, run: null, began });
  const { invariants } = resultOf(story);
  return [
    ...invariants.filter(({ held }) => !held).map(({ name, detail }) => `invariant ${name}: ${detail}`),
    ...missed,
  ];
};
