import { parseArgs } from "node:util";
import { brownOutJobs } from "./brown-outs.ts";
import { scenarios } from "./expected.ts";
import { directoryJobs } from "./hurt.ts";
import { crashJobs, stopJobs } from "./matrix.ts";
import { type Job, playAll, type Verdict } from "./pool.ts";

/**
 * Seeds of every scenario, and the crash matrix. `--from 11 --seeds 50` plays seeds 11 to 50 of each, `--only NAME` one
 * scenario, `--matrix 10` every tenth of the matrix, `--matrix 0` none of it. `--fleet 500` plays 30 days of replication and
 * rotation with seeds up to 500, `--large 3` the same of 200 servers, `--days 7` fewer days. `--incidents 200`
 * plays as many sequences of incidents. `--directories 10` plays every tenth directory of test/scenarios with every tenth
 * death of a Lambda in it, `--directories 1` (the default) all, `--directories 0` none. `--brown-outs 20` plays a twentieth of
 * the grid of brown-outs, `--brown-outs 1` (the default) all of it.
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
    "brown-outs": { type: "string", default: "1" },
    days: { type: "string", default: "30" },
  },
});
const from = Number(values.from);
const days = Number(values.days);
const seedsTo = (last: string) => Array.from({ length: Math.max(0, Number(last) - from + 1) }, (_, at) => from + at);
const fleetsTo = (last: string, size: "small" | "large") =>
  seedsTo(last).map((seed): Job => ({ kind: "fleet", size, seed, days }));
const seedsOf = (scenario: string) =>
  seedsTo(values.seeds).map((seed, index): Job => {
    return { kind: "seed", plan: values.plan, scenario, seed, twice: index % 20 === 0 };
  });
const partOf = async (every: number) =>
  every > 0 ? [...(await crashJobs()), ...stopJobs()].filter((_, index) => index % every === 0) : [];

/** What is played, the longest jobs first: one queue keeps all cores at work to the end. */
const groups: [title: string, jobs: Job[]][] = [
  [`large fleets of ${days} days`, fleetsTo(values.large, "large")],
  ...(values.only ? [values.only] : scenarios).map((scenario): [string, Job[]] => [
    `seeds of ${scenario}`,
    seedsOf(scenario),
  ]),
  ["brown-outs", brownOutJobs(Number(values["brown-outs"]))],
  ["crashes, aborts and timeouts", await partOf(Number(values.matrix))],
  ["scenario directories with deaths in them", directoryJobs(Number(values.directories))],
  ["sequences of incidents", seedsTo(values.incidents).map((seed): Job => ({ kind: "incident", seed }))],
  [`small fleets of ${days} days`, fleetsTo(values.fleet, "small")],
];

const again = (job: Job) => {
  const none = { seeds: 0, matrix: 0, directories: 0, incidents: 0, large: 0, fleet: 0, "brown-outs": 0 };
  const only = (over: object) =>
    Object.entries({ ...none, ...over })
      .map(([name, value]) => `--${name} ${value}`)
      .join(" ");
  if (job.kind === "seed") return only({ plan: job.plan, only: job.scenario, from: job.seed, seeds: job.seed });
  if (job.kind === "incident") return only({ from: job.seed, incidents: job.seed });
  if (job.kind === "fleet") return only({ from: job.seed, [job.size === "small" ? "fleet" : "large"]: job.seed, days });
  return null;
};

const groupOf = new Map(groups.flatMap((group) => group[1].map((job) => [job, group] as const)));
const spent = new Map<string, { count: number; milliseconds: number }>();
/** A line after so many of a group. */
const progress = 50;
let failed = 0;
const show = ({ job, wrong, milliseconds }: Verdict) => {
  const [title, jobs] = groupOf.get(job)!;
  const sum = spent.get(title) ?? { count: 0, milliseconds: 0 };
  spent.set(title, sum);
  sum.count += 1;
  sum.milliseconds += milliseconds;
  if (wrong.length > 0) {
    failed += 1;
    console.log(`${JSON.stringify(job)}\n  ${wrong.join("\n  ")}`);
    const command = again(job);
    if (command) console.log(`  again: npm run soak -- ${command}`);
  }
  if (sum.count === jobs.length || sum.count % progress === 0)
    console.log(`${sum.count} of ${jobs.length} ${title}: ${Math.round(sum.milliseconds / 1_000)} s of one core`);
};

const jobs = groups.flatMap(([, some]) => some);
await playAll(jobs, show);
console.log(`${jobs.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
