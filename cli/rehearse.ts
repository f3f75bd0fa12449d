import type { Command } from "commander";
import pc from "picocolors";
import type { Plan } from "../functions/core/plan.ts";
import { pathText } from "../functions/core/plan-problems.ts";
import { refusalsOf } from "../functions/core/plan-refusals.ts";
import { resultOf } from "../simulator/result.ts";
import { readScenario, type Scenario } from "../simulator/scenario.ts";
import { span } from "../simulator/scenario-faults.ts";
import { type Moment, playStory } from "../simulator/story.ts";
import { duration, type Paint } from "./format.ts";
import { UsageError } from "./output.ts";
import { summary } from "./summary.ts";
import { lineOf, liveTimeline } from "./timeline.ts";

/** Machines that `--run` may name now. */
const runs = ["failover", "replicate", "rotate"] as const;
type RunName = (typeof runs)[number];

export type RehearseOptions = {
  /** Null: the primary Region fails; with `run` replicate or rotate nothing does. */
  scenario: string | null;
  seed: number;
  run: RunName | null;
  /** Seconds after which a person approves what is asked; null: only the scenario's own operations answer. */
  approveAfterSeconds: number | null;
  /** Print the text of the run's report, too. */
  report: boolean;
  json: boolean;
  fast: boolean;
};
/** Real milliseconds before a jump of the virtual clock to `nowMs`, on a terminal. */
type Pacing = (zeroAt: () => number | null) => (nowMs: number) => number;

/** Plays a plan through a scenario. Gives the exit code: 0 done, 1 the run failed or was refused. */
export const rehearse = async (
  plan: Plan,
  options: RehearseOptions,
  out: NodeJS.WriteStream,
  pacing: Pacing = unhurried,
): Promise<number> => {
  const scenario = readScenario(options.scenario ?? usualScenario(options.run), plan);
  const answered = scenario.operations.some(({ do: what }) => what === "approve" || what === "withhold");
  const { NO_COLOR, TERM } = process.env;
  const live = !options.json && out.isTTY === true && TERM !== "dumb";
  const paint = pc.createColors(live && !NO_COLOR);
  const title = `Lifeboat rehearsal (simulated) · ${plan.application} · ${scenario.name} · seed ${options.seed}`;
  const view = live ? liveTimeline(out, title, paint) : null;
  let zero: number | null = null;
  const hear = (moment: Moment) => {
    if (moment.kind === "zero") zero = moment.at;
    if (view) view.hear(moment);
    else if (!options.json) {
      const line = lineOf(moment, zero, paint);
      if (line) out.write(`${line}\n`);
    }
  };
  if (!live && !options.json) out.write(`${title}\n`);

  const story = await playStory({
    plan,
    scenario,
    seed: options.seed,
    run: options.run,
    approveAfterSeconds: answered ? null : options.approveAfterSeconds,
    onMoment: hear,
    ...(live && !options.fast && { pace: pacing(() => zero) }),
  });
  const result = resultOf(story);
  if (options.json) out.write(`${JSON.stringify(result)}\n`);
  else {
    if (options.report) out.write(`\n${result.report ?? "No run has written a report."}\n`);
    out.write(`\n${[...summary(result, faultLines(scenario), paint), ...refusalLines(plan, paint)].join("\n")}\n`);
  }
  return result.outcome === "failed" || result.outcome === "refused" || result.invariants.some(({ held }) => !held)
    ? 1
    : 0;
};

const usualScenario = (run: RunName | null) =>
  run === "replicate" || run === "rotate" ? "quiet" : "primary-region-down";

const refusalLines = (plan: Plan, paint: Paint) =>
  refusalsOf(plan).flatMap(({ path, got, todo }) => [
    `${paint.yellow("warning:")} lifeboat check refuses this plan: ${pathText(path)} is met by ${got}`,
    `${paint.dim("next:")} ${todo}`,
  ]);

/** Hours of replication pass in about a second, a failover in some eight; nine seconds are the most. */
export const unhurried: Pacing = (zeroAt) => {
  let last: number | null = null;
  let spent = 0;
  return (now) => {
    const seconds = last === null ? 0 : (now - last) / 1_000;
    last = now;
    const zero = zeroAt();
    const wanted = zero === null ? seconds / 8 : now - zero < 1_800_000 ? seconds * 14 : 0;
    const pause = Math.min(120, wanted, 9_000 - spent);
    spent += Math.max(0, pause);
    return pause;
  };
};

const faultLines = (scenario: Scenario) =>
  scenario.faults.map(({ at, for: seconds, fault, ...fields }) => {
    const what = Object.values(fields).map(String).join(" ");
    return `${fault} ${what} at T${at < 0 ? "-" : "+"}${duration(Math.abs(at))}${seconds ? ` for ${duration(seconds)}` : ""}`;
  });

export const registerRehearse = (
  program: Command,
  plans: { read(path: string): Plan; exit(code: number): void; fail(error: unknown): void },
) => {
  program
    .command("rehearse")
    .description("run the real machines and handlers on the simulated Regions, in virtual time")
    .argument("<plan>", "the plan, a YAML file")
    .option(
      "--scenario <name>",
      "a name of examples/scenarios, or a file (default: primary-region-down; quiet for replicate and rotate)",
    )
    .option("--run <machine>", `start this machine at time 0 instead: ${runs.join(" | ")}`)
    .option("--seed <n>", "what chance draws", "1")
    .option(
      "--approve-after <duration>",
      "a person approves so long after a question, or never; a scenario that answers by itself does it instead",
      "5m",
    )
    .option("--report", "also print the report that the run has written; with --json it is the key report", false)
    .option("--fast", "no pacing on a terminal", false)
    .option("--json", "print one JSON object", false)
    .action(async (path: string, given: Given) => {
      try {
        const seed = wholeNumber(given.seed);
        const run = runName(given.run);
        const approveAfterSeconds = approval(given.approveAfter);
        const options = { ...given, seed, run, approveAfterSeconds, scenario: given.scenario ?? null };
        plans.exit(await rehearse(plans.read(path), options, process.stdout));
      } catch (error) {
        plans.fail(error);
      }
    });
};
type Given = {
  scenario?: string;
  run?: string;
  seed: string;
  approveAfter: string;
  report: boolean;
  fast: boolean;
  json: boolean;
};

const approval = (text: string): number | null => {
  const parsed = span.safeParse(text);
  if (text === "never" || parsed.success) return parsed.data ?? null;
  throw new UsageError(`--approve-after: expected a duration such as 5m, or never (got ${text})`, "give another time");
};

const wholeNumber = (text: string) => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--seed: expected a whole number from 0 to 999999999 (got ${text})`, "give another seed");
};

const runName = (text: string | undefined): RunName | null => {
  if (text === undefined) return null;
  const known = runs.find((name) => name === text);
  if (known) return known;
  throw new UsageError(`--run: expected ${runs.join(", ")} (got ${text})`, "other machines are not supported yet");
};
