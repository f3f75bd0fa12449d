import { readdirSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { scenarios } from "../simulation/expected.ts";
import { type Job, playAll, type Verdict } from "../simulation/pool.ts";

/** Seeds of each shipped scenario, and how many are played twice; CI plays 50 of the web shop, `npm run soak` 200. */
const played = [
  { plan: "test/simulation/two-servers.yml", seeds: 10, repeated: 1 },
  { plan: "examples/web-shop.yml", seeds: 1, repeated: 0 },
];
const seeds = played.reduce((sum, one) => sum + one.seeds, 0);
let verdicts: Verdict[] = [];

beforeAll(async () => {
  const jobs = scenarios.flatMap((scenario) =>
    played.flatMap(({ plan, seeds, repeated }) =>
      Array.from({ length: seeds }, (_, index): Job => {
        return { kind: "seed", plan, scenario, seed: index + 1, twice: index < repeated };
      }),
    ),
  );
  verdicts = await playAll(jobs);
}, 240_000);

test("every shipped scenario has an expectation", () => {
  const files = readdirSync("examples/scenarios").map((file) => file.replace(".yml", ""));
  expect(files.sort()).toEqual([...scenarios].sort());
});

test.each(scenarios)(
  `%s ends as it should with ${seeds} seeds, no law broken, a repeated seed the same`,
  (scenario) => {
    const wrong = verdicts.filter(
      ({ job, wrong }) => job.kind === "seed" && job.scenario === scenario && wrong.length > 0,
    );
    expect(wrong.map(({ job, wrong }) => ({ job, wrong }))).toEqual([]);
    expect(verdicts.filter(({ job }) => job.kind === "seed" && job.scenario === scenario)).toHaveLength(seeds);
  },
);
