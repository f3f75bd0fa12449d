import pc from "picocolors";
import type { Plan } from "../functions/core/model/plan.ts";
import { refusalsOf } from "../functions/core/plan/refusals.ts";
import { pathText } from "../functions/core/plan/values/problems.ts";
import type { MachineName } from "../simulator/machines/executions.ts";
import { readScenario } from "../simulator/scenario/scenario.ts";
import type { Scenario } from "../simulator/scenario/schema.ts";
import type { Moment, Story } from "../simulator/story/played-story.ts";
import { type Result, resultOf } from "../simulator/story/result.ts";
import { playStory } from "../simulator/story/story.ts";
import { duration, type Paint } from "../terminal/format.ts";
import { wrapped } from "../terminal/wrap.ts";
import { createNews } from "./news.ts";
import { missedObjectives } from "./objectives.ts";
import { labelColumns, summary } from "./summary.ts";
import { explained, linesOf, liveTimeline } from "./timeline.ts";

export type RehearseOptions = {
  scenario: string;
  seed: number;
  run: MachineName | null;
  /** Seconds after which a person approves what is asked; null: only the scenario's own operations answer. */
  approveAfterSeconds: number | null;
  /** A missed objective of the plan is a failure. */
  requireObjectives?: boolean;
  /** Print the text of the run's report, too. */
  report: boolean;
  json: boolean;
  fast: boolean;
};
/** Real milliseconds before a jump of the virtual clock to `nowMs`, on a terminal. */
type Pacing = (zeroAt: () => number | null) => (nowMs: number) => number;

/** Plays a plan through a scenario. Gives the exit code: 0 done, 1 the run failed, was refused, made no recovery point, or missed a required objective. */
export const rehearse = async (
  plan: Plan,
  options: RehearseOptions,
  out: NodeJS.WriteStream,
  pacing: Pacing = unhurried,
): Promise<number> => {
  const scenario = readScenario(options.scenario, plan);
  const answered = scenario.operations.some(({ do: what }) => what === "approve" || what === "withhold");
  const { NO_COLOR, TERM } = process.env;
  const live = !options.json && out.isTTY === true && TERM !== "dumb";
  const paint = pc.createColors(live && !NO_COLOR);
  const title = `Lifeboat rehearsal (simulated) · ${plan.application} · ${scenario.name} · seed ${options.seed}`;
  const view = live ? liveTimeline(out, title, { plan, scenario: scenario.name }, paint) : null;
  const newsOf = createNews(plan, scenario.name);
  let zero: number | null = null;
  const show = (moment: Moment) => {
    if (moment.kind === "point") zero = moment.zeroAt;
    if (view) view.show(moment);
    else if (!options.json)
      for (const news of newsOf(moment)) out.write(`${linesOf(news, zero!, paint, null).join("\n")}\n`);
  };
  if (!live && !options.json) out.write(`${title}\n${explained}\n`);

  const story = await playStory({
    plan,
    scenario,
    seed: options.seed,
    run: options.run,
    approveAfterSeconds: answered ? null : options.approveAfterSeconds,
    onMoment: show,
    ...(live && !options.fast && { pace: pacing(() => zero) }),
  });
  view?.end();
  const result = resultOf(story);
  const { detect, protect } = plan;
  const moves = options.run ? options.run === "failover" : detect.action !== "notify" && scenario.detect === "on";
  const missed = options.requireObjectives ? missedObjectives(result, { moves, protects: protect.length > 0 }) : [];
  if (options.json) out.write(`${JSON.stringify({ ...result, ...(options.requireObjectives && { missed }) })}\n`);
  else {
    const width = live ? out.columns || 100 : Number.POSITIVE_INFINITY;
    const lines = [...summary(result, faultLines(scenario), paint), ...refusalLines(plan, paint)];
    if (options.report) out.write(`\n${result.report ?? "No run wrote a report."}\n`);
    out.write(`\n${lines.flatMap((line) => wrapped(line, width, labelColumns)).join("\n")}\n`);
  }
  if (missed.length > 0 && !options.json)
    out.write(
      `${paint.red("error:")} missed: ${missed.join("; ")}\n${paint.dim("next:")} relax the objectives in the plan, or speed up the slow parts that the summary shows\n`,
    );
  const noPoint = options.run === "replicate" && result.outcome === "succeeded" ? whyNoPoint(story, result) : null;
  if (noPoint !== null && !options.json)
    out.write(
      `${paint.red("error:")} the run made no recovery point: ${noPoint}\n${paint.dim("next:")} fix the cause in the plan or the scenario, then rehearse again\n`,
    );
  const failed = result.outcome === "failed" || result.outcome === "refused" || noPoint !== null;
  return failed || missed.length > 0 || result.invariants.some(({ held }) => !held) ? 1 : 0;
};

/** Why the replication run of a rehearsal completed no recovery point; null when it did. */
const whyNoPoint = ({ executions }: Story, { runs, runId }: Result): string | null => {
  const idle = runs.find(({ id }) => id === runId)?.idle;
  if (idle) return idle;
  const found = executions.find(({ name }) => name === runId)?.results.get("Catalog") as
    | { complete?: string[] }
    | undefined;
  return found?.complete?.length ? null : "no copy of its snapshots was completed";
};

const refusalLines = (plan: Plan, paint: Paint) =>
  refusalsOf(plan).flatMap(({ path, got, todo }) => [
    `${paint.yellow("warning:")} lifeboat check refuses this plan: ${pathText(path)} is ${got}`,
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
    const wanted = zero === null || now < zero ? seconds / 8 : now - zero < 1_800_000 ? seconds * 14 : 0;
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
