import type { Plan } from "../../functions/core/model/plan.ts";
import { toScenario } from "../../simulator/scenario/scenario.ts";
import type { Story, StoryOptions } from "../../simulator/story/played-story.ts";
import { playStory } from "../../simulator/story/story.ts";
import { readPlan } from "../../terminal/plan-file.ts";

/** The plan of two servers, whose stories take a second. */
export const pairPlan = (): Plan => {
  const { plan, problems } = readPlan(new URL("../simulation/two-servers.yml", import.meta.url).pathname);
  if (!plan) throw new Error(JSON.stringify(problems));
  return plan;
};

export const dark = { fault: "region-down", region: "primary" };

/** Plays a story of the two servers; `scenario` is what a scenario file holds. */
export const playPair = ({
  scenario = {},
  plan = pairPlan(),
  ...options
}: Partial<Omit<StoryOptions, "scenario">> & { scenario?: object } = {}): Promise<Story> => {
  const document = { name: "case", faults: [dark], ...scenario };
  return playStory({ seed: 1, run: null, ...options, plan, scenario: toScenario(document, "case.yml", plan) });
};

/** In the place of the two servers: twenty of three volumes, more copies than one chunk of the queue holds. */
export const twentyServers = {
  servers: {
    server: Array.from({ length: 20 }, (_, nth) => ({
      name: `server-${nth + 1}`,
      volumes: ["/dev/xvda", "/dev/sdf", "/dev/sdg"].map((device) => ({ device, sizeGiB: 8 })),
    })),
  },
};
