import { parseArgs } from "node:util";
import { scenarios } from "./expected.ts";
import { crashJobs, stopJobs } from "./matrix.ts";
import { type Job, playAll, type Verdict } from "./pool.ts";

/**
 * Seeds of every scenario, and the crash matrix. `--from 11 --seeds 50` plays seeds 11 to 50 of each, `--only NAME` one
 * scenario, `--matrix 10` every tenth of the matrix, `--matrix 0` none of it.
 */
const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "200" },
    only: { type: "string" },
    matrix: { type: "string", default: "1" },
    plan: { type: "string", default: "examples/web-shop.yml" },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds) - from + 1;
const every = Number(values.matrix);
const chosen = values.only ? [values.only] : scenarios;

let failed = 0;
let passed = 0;
const show = ({ job, wrong }: Verdict) => {
  if (wrong.length === 0) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`${JSON.stringify(job)}\n  ${wrong.join("\n  ")}`);
};

for (const scenario of chosen) {
  const started = performance.now();
  const jobs = Array.from({ length: seeds }, (_, index): Job => {
    return { kind: "seed", plan: values.plan, scenario, seed: from + index, twice: index % 20 === 0 };
  });
  await playAll(jobs, show);
  console.log(`${scenario}: ${seeds} seeds in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
}
if (every > 0) {
  const matrix = [...(await crashJobs()), ...stopJobs()];
  const part = matrix.filter((_, index) => index % every === 0);
  await playAll(part, show);
  console.log(`matrix: ${part.length} of ${matrix.length} crashes, aborts and timeouts`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
