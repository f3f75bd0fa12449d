import { planOf } from "../../infra/arguments.ts";
import { runScript, type Script } from "../../infra/script.ts";
import { scenarioText } from "../../simulator/scenario/text.ts";
import { UsageError } from "../../terminal/output.ts";
import { brownOutJobs } from "./brown-outs.ts";
import { scenarios } from "./expected.ts";
import { directoryJobs } from "./hurt.ts";
import { crashJobs, stopJobs } from "./matrix.ts";
import { type Job, playAll, type Verdict } from "./pool.ts";

const number = (says: string, usual: string) => ({ value: "N", says, default: usual });
const script: Script = {
  name: "soak",
  does: "Plays seeds of every scenario, the crash matrix, brown-outs, scenario directories, incidents and fleets. Minutes to hours.",
  options: {
    from: number("first seed of each", "1"),
    seeds: number("last seed of each scenario", "200"),
    only: { value: "NAME", says: "this scenario, not all" },
    plan: { value: "FILE", says: "the plan of the scenarios", default: "examples/web-shop.yml" },
    matrix: number("every Nth of the crash matrix; 0 none", "1"),
    directories: number("every Nth directory of test/scenarios with every Nth death of a Lambda in it; 0 none", "1"),
    "brown-outs": number("every Nth of the grid of brown-outs; 0 none", "1"),
    incidents: number("last seed of the sequences of incidents", "200"),
    fleet: number("last seed of small fleets", "500"),
    large: number("last seed of fleets of 200 servers", "3"),
    days: number("days of a fleet", "30"),
  },
};

await runScript(script, async ({ texts }, { out }) => {
  const values = texts as Record<string, string>;
  for (const [name, { value }] of Object.entries(script.options))
    if (value === "N" && !/^\d{1,9}$/.test(values[name]!))
      throw new UsageError(`--${name}: expected a whole number (got ${values[name]})`, "npm run soak -- --help");
  planOf(values.plan!, true);
  if (values.only) scenarioText(values.only);
  const from = Number(values.from);
  const days = Number(values.days);
  const seedsTo = (last: string) => Array.from({ length: Math.max(0, Number(last) - from + 1) }, (_, at) => from + at);
  const fleetsTo = (last: string, size: "small" | "large") =>
    seedsTo(last).map((seed): Job => ({ kind: "fleet", size, seed, days }));
  const seedsOf = (scenario: string) =>
    seedsTo(values.seeds!).map((seed, index): Job => {
      return { kind: "seed", plan: values.plan!, scenario, seed, twice: index % 20 === 0 };
    });
  const partOf = async (every: number) =>
    every > 0 ? [...(await crashJobs()), ...stopJobs()].filter((_, index) => index % every === 0) : [];

  /** What is played, the longest jobs first: one queue keeps all cores at work to the end. */
  const groups: [title: string, jobs: Job[]][] = [
    [`large fleets of ${days} days`, fleetsTo(values.large!, "large")],
    ...(values.only ? [values.only] : scenarios).map((scenario): [string, Job[]] => [
      `seeds of ${scenario}`,
      seedsOf(scenario),
    ]),
    ["brown-outs", brownOutJobs(Number(values["brown-outs"]))],
    ["crashes, aborts and timeouts", await partOf(Number(values.matrix))],
    ["scenario directories with deaths in them", directoryJobs(Number(values.directories))],
    ["sequences of incidents", seedsTo(values.incidents!).map((seed): Job => ({ kind: "incident", seed }))],
    [`small fleets of ${days} days`, fleetsTo(values.fleet!, "small")],
  ];

  const again = (job: Job) => {
    const none = { seeds: 0, matrix: 0, directories: 0, incidents: 0, large: 0, fleet: 0, "brown-outs": 0 };
    const only = (over: object) =>
      Object.entries({ ...none, ...over })
        .map(([name, value]) => `--${name} ${value}`)
        .join(" ");
    if (job.kind === "seed") return only({ plan: job.plan, only: job.scenario, from: job.seed, seeds: job.seed });
    if (job.kind === "incident") return only({ from: job.seed, incidents: job.seed });
    if (job.kind === "fleet")
      return only({ from: job.seed, [job.size === "small" ? "fleet" : "large"]: job.seed, days });
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
      out(`${JSON.stringify(job)}\n  ${wrong.join("\n  ")}`);
      const command = again(job);
      if (command) out(`  again: npm run soak -- ${command}`);
    }
    if (sum.count === jobs.length || sum.count % progress === 0)
      out(`${sum.count} of ${jobs.length} ${title}: ${Math.round(sum.milliseconds / 1_000)} s of one core`);
  };

  const jobs = groups.flatMap(([, some]) => some);
  await playAll(jobs, show);
  out(`${jobs.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
});
