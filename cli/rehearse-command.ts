import type { Command } from "commander";
import type { Plan } from "../functions/core/model/plan.ts";
import { UsageError } from "../terminal/output.ts";

/** Machines that `--run` may name now. */
const runs = ["failover", "replicate", "rotate"] as const;
type RunName = (typeof runs)[number];

/**
 * The command `rehearse`. The simulator and every handler are loaded when it is called with words that it knows, which takes
 * seconds: `working` is called before.
 */
export const registerRehearse = (
  program: Command,
  plans: {
    read(path: string): Promise<Plan>;
    exit(code: number): void;
    fail(error: unknown, isJson: boolean): void;
    working(isJson: boolean): unknown;
  },
) => {
  program
    .command("rehearse")
    .description("run the real state machines and handlers in simulated Regions, in virtual time")
    .argument("<plan>", "the plan, a YAML file")
    .option(
      "--scenario <name>",
      "a scenario name or file (default: primary-region-down; quiet for replicate and rotate)",
    )
    .option("--run <machine>", `start this machine at time 0, without waiting for detect: ${runs.join(" | ")}`)
    .option("--seed <n>", "seed of the random numbers", "1")
    .option(
      "--approve-after <duration>",
      "how long after the request a person approves, or never; ignored if the scenario answers",
      "5m",
    )
    .option("--require-objectives", "exit 1 when the rehearsal misses an objective of the plan", false)
    .option("--report", "also print the run's report; in --json, the field `report`", false)
    .option("--fast", "do not slow the output down on a terminal", false)
    .option("--json", "print one JSON object", false)
    .action(async (path: string, given: Flags) => {
      try {
        const seed = wholeNumber(given.seed);
        const run = runName(given.run);
        const approveAfterSeconds = await approval(given.approveAfter);
        const options = { ...given, seed, run, approveAfterSeconds, scenario: given.scenario ?? usualScenario(run) };
        const plan = await plans.read(path);
        const { readScenario } = await import("../simulator/scenario/scenario.ts");
        readScenario(options.scenario, plan);
        plans.working(given.json);
        process.once("SIGINT", stopped);
        const { rehearse } = await import("./rehearse.ts");
        plans.exit(await rehearse(plan, options, process.stdout));
      } catch (error) {
        plans.fail(error, given.json);
      }
    });
};

const usualScenario = (run: RunName | null) =>
  run === "replicate" || run === "rotate" ? "quiet" : "primary-region-down";

/** Ctrl-C: a story that is cut short says so, as nothing of AWS was touched. */
const stopped = () => {
  process.stderr.write("\nstopped: the rehearsal was simulated; nothing in AWS changed\n");
  process.exit(130);
};

type Flags = {
  scenario?: string;
  run?: string;
  seed: string;
  approveAfter: string;
  requireObjectives: boolean;
  report: boolean;
  fast: boolean;
  json: boolean;
};

const approval = async (text: string): Promise<number | null> => {
  const { span } = await import("../simulator/scenario/fault-schemas.ts");
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
