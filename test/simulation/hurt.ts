import type { Story } from "../../simulator/story/played-story.ts";
import { resultOf } from "../../simulator/story/result.ts";
import { playStory } from "../../simulator/story/story.ts";
import { directoryNames, readDirectory } from "../scenarios/directory.ts";

/** A scenario directory, played again for each `every`-th death that a Lambda can die in it. */
export type DirectoryJob = { kind: "directory"; name: string; every: number };

/** The crash matrix has these. */
const elsewhere = "Snapshot Copy CheckProgress Catalog Pause Wake Rotate Launch Attach InspectRun".split(" ");
/** Each step asks for the same again and again: so many of its calls to each operation are hurt. */
const sameTimes = 3;
/** So much longer than its time a story may take, seconds: a look that died costs a minute, a step the pause before it is run again. */
const longerSeconds = 600;

/** Every `every`-th directory; none at all with 0. */
export const directoryJobs = (every: number): DirectoryJob[] =>
  directoryNames()
    .filter((_, index) => every > 0 && index % every === 0)
    .map((name) => ({ kind: "directory", name, every }));

/** A Lambda dies once, before or after a call that changes something: whatever it comes to then, no invariant is broken. */
export const playDirectory = async ({ name, every }: DirectoryJob): Promise<string[]> => {
  const { plan, scenario, seed } = readDirectory(name);
  const until = scenario.until + longerSeconds;
  const deaths = deathsOf(await playStory({ plan, scenario, seed, run: null }));
  const wrong: string[] = [];
  for (const death of deaths.filter((_, index) => index % every === 0)) {
    const crash = { at: 0, fault: "lambda-crash" as const, ...death, count: 1 };
    const story = await playStory({
      plan,
      scenario: { ...scenario, until, faults: [...scenario.faults, crash] },
      seed,
      run: null,
    });
    const broken = resultOf(story).invariants.filter(({ held }) => !held);
    wrong.push(
      ...broken.map((invariant) => `${JSON.stringify(death)}: invariant ${invariant.name}: ${invariant.detail}`),
    );
  }
  return wrong;
};

const deathsOf = ({ world, zeroAt }: Story) => {
  const counts = new Map<string, number>();
  return world.journal
    .filter(({ mutating, outcome, at }) => mutating && outcome === "ok" && Date.parse(at) >= zeroAt)
    .filter(({ step }) => !elsewhere.includes(step))
    .flatMap(({ step, operation }) => {
      const nth = (counts.get(`${step} ${operation}`) ?? 0) + 1;
      counts.set(`${step} ${operation}`, nth);
      return nth > sameTimes ? [] : (["before", "after"] as const).map((when) => ({ step, operation, nth, when }));
    });
};
