import { readdirSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { scenarios } from "../simulation/expected.ts";
import { type Job, playAll, type Verdict } from "../simulation/pool.ts";

/** Seeds of each shipped scenario, the first played twice, on a small plan. CI plays 15 more of it and 3 of the web shop, `npm run soak` 200 of that. */
const plan = "test/simulation/two-servers.yml";
const seeds = 5;
let verdicts: Verdict[] = [];

beforeAll(async () => {
  const jobs = scenarios.flatMap((scenario) =>
    Array.from({ length: seeds }, (_, index): Job => {
      return { kind: "seed", plan, scenario, seed: index + 1, twice: index === 0 };
    }),
  );
  verdicts = await playAll(jobs);
}, 600_000);

test("every shipped scenario has an expectation", () => {
  const files = readdirSync("examples/scenarios").map((file) => file.replace(".yml", ""));
  expect(files.sort()).toEqual([...scenarios].sort());
});

test.each(scenarios)(
  `%s ends as it should with ${seeds} seeds, no invariant broken, a repeated seed the same`,
  (scenario) => {
    const wrong = verdicts.filter(
      ({ job, wrong }) => job.kind === "seed" && job.scenario === scenario && wrong.length > 0,
    );
    expect(wrong.map(({ job, wrong }) => ({ job, wrong }))).toEqual([]);
    expect(verdicts.filter(({ job }) => job.kind === "seed" && job.scenario === scenario)).toHaveLength(seeds);
  },
);
