import { parseArgs } from "node:util";
import { scenarios } from "./expected.ts";
import { directoryJobs } from "./hurt.ts";
import { crashJobs, stopJobs } from "./matrix.ts";
import { type Job, playAll, type Verdict } from "./pool.ts";

/**
 * Seeds of every scenario, and the crash matrix. `--from 11 --seeds 50` plays seeds 11 to 50 of each, `--only NAME` one
 * scenario, `--matrix 10` every tenth of the matrix, `--matrix 0` none of it. `--fleet 500` plays 30 days of replication and
 * rotation with seeds up to 500, `--large 3` the same of 200 servers, `--days 7` fewer days. `--incidents 200`
 * plays as many sequences of incidents. `--directories 10` plays every tenth directory of test/scenarios with every tenth
 * death of a Lambda in it, `--directories 1` (the default) all, `--directories 0` none.
 */
const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "200" },
    only: { type: "string" },
    matrix: { type: "string", default: "1" },
    plan: { type: "string", default: "examples/web-shop.yml" },
    fleet: { type: "string", default: "500" },
    large: { type: "string", default: "3" },
    incidents: { type: "string", default: "200" },
    directories: { type: "string", default: "1" },
    days: { type: "string", default: "30" },
  },
});
const from = Number(values.from);
const seedsTo = (last: string) => Array.from({ length: Math.max(0, Number(last) - from + 1) }, (_, at) => from + at);
const seeds = seedsTo(values.seeds);
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
  if (job.kind === "fleet") console.log(`  again: npm run soak -- ${onlyFleet(job)} --days ${job.days}`);
  if (job.kind === "incident") console.log(`  again: npm run soak -- ${onlyIncident(job.seed)}`);
};
const onlyIncident = (seed: number) =>
  `--seeds 0 --matrix 0 --directories 0 --fleet 0 --large 0 --from ${seed} --incidents ${seed}`;
const onlyFleet = ({ seed, size }: { seed: number; size: "small" | "large" }) => {
  const [fleet, large] = size === "small" ? [seed, 0] : [0, seed];
  return `--seeds 0 --matrix 0 --directories 0 --incidents 0 --from ${seed} --fleet ${fleet} --large ${large}`;
};

const secondsSince = (started: number) => ((performance.now() - started) / 1_000).toFixed(1);

for (const scenario of chosen) {
  const started = performance.now();
  const jobs = seeds.map((seed, index): Job => {
    return { kind: "seed", plan: values.plan, scenario, seed, twice: index % 20 === 0 };
  });
  await playAll(jobs, show);
  if (jobs.length > 0) console.log(`${scenario}: ${jobs.length} seeds in ${secondsSince(started)} s`);
}
if (every > 0) {
  const matrix = [...(await crashJobs()), ...stopJobs()];
  const part = matrix.filter((_, index) => index % every === 0);
  await playAll(part, show);
  console.log(`matrix: ${part.length} of ${matrix.length} crashes, aborts and timeouts`);
}
const ofDirectories = Number(values.directories);
if (ofDirectories > 0) {
  const started = performance.now();
  const jobs = directoryJobs(ofDirectories);
  await playAll(jobs, show);
  console.log(`directories: ${jobs.length} with deaths in them in ${secondsSince(started)} s`);
}
const incidents = seedsTo(values.incidents).map((seed): Job => ({ kind: "incident", seed }));
if (incidents.length > 0) {
  const started = performance.now();
  await playAll(incidents, show);
  console.log(`incidents: ${incidents.length} sequences in ${secondsSince(started)} s`);
}
const days = Number(values.days);
const fleets = [
  ...seedsTo(values.large).map((seed): Job => ({ kind: "fleet", size: "large", seed, days })),
  ...seedsTo(values.fleet).map((seed): Job => ({ kind: "fleet", size: "small", seed, days })),
];
if (fleets.length > 0) {
  const started = performance.now();
  await playAll(fleets, show);
  console.log(`fleets: ${fleets.length} seeds of ${days} days in ${secondsSince(started)} s`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
