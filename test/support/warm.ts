import type { Plan } from "../../functions/core/model/plan.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import type { Story, StoryOptions } from "../../simulator/story/played-story.ts";
import { playStory } from "../../simulator/story/story.ts";
import { warmPlan } from "../simulation/pairs.ts";

const pair = { primary: "eu-west-1", recovery: "eu-central-1" };
const verdict = { unhealthy: 2, regional: 1, sustained: "3m" };
const page = { name: "page", probe: { url: "https://warm.example.com/healthz", connect: "192.0.2.50" } };

/** A warm standby between two Regions, whose stories are cheap; `detect` changes parts, `witnesses` come beside the probe. */
export const warmStandby = (
  detect: Record<string, unknown> = {},
  witnesses: object[] = [{ name: "region", api: pair.primary }],
): Plan => warmPlan(pair, { detect: { action: "automatic", verdict, ...detect, witnesses: [page, ...witnesses] } });

/** Plays a story of it; `scenario` is what a scenario file holds. */
export const playWarm = ({
  scenario = {},
  plan = warmStandby(),
  ...options
}: Partial<Omit<StoryOptions, "scenario">> & { scenario?: object } = {}): Promise<Story> =>
  playStory({
    seed: 1,
    run: null,
    ...options,
    plan,
    scenario: toScenario({ name: "case", ...scenario }, "case.yml", plan),
  });

export const codesOf = ({ decisions }: Pick<Story, "decisions">) =>
  decisions.map(({ action, code }) => `${action} ${code}`);
