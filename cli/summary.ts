import type { Result } from "../simulator/result.ts";
import { duration, offset, type Paint } from "./format.ts";

/** The end of a rehearsal as a tired person reads it: one fact a line, figures beside their objectives. */
export const summary = (result: Result, faults: string[], paint: Paint): string[] => {
  const zero = Date.parse(result.zeroAt);
  const at = (iso: string) => offset(Date.parse(iso), zero);
  const acted = result.decisions.filter(({ action }) => action !== "none");
  const told = figure(paint);
  const broken = result.invariants.filter(({ held }) => !held);
  const lines: [string, string][] = [
    ["Scenario", `${result.scenario}, seed ${result.seed} (everything below is simulated)`],
    ...faults.map((text): [string, string] => ["What failed", text]),
    ...acted.map(({ at: when, action, code, because }): [string, string] => [
      "Decided",
      `${at(when)} ${action} · ${code} · ${because}`,
    ]),
    ...result.runs.map(({ run, id, outcome, startedAt }): [string, string] => [
      "Run",
      `${run} ${id}: ${outcome}, started ${at(startedAt)}`,
    ]),
    ...launched(result),
    ...result.world.records.map(({ name, type, before, now }): [string, string] => [
      "DNS",
      `${name} ${type}: ${before.join(", ")} -> ${now.join(", ")}`,
    ]),
    ...rto(result, told, paint),
    ["Users", usersText(result, at)],
    ...(result.runs.some(({ run }) => run === "failover") ? [["Fence", fenceText(result)] as [string, string]] : []),
    ["RPO", told(result.rpoSeconds, result.objectives.rpoSeconds, "age of the newest complete point at time 0")],
    ["Loss", told(result.lossSeconds, result.objectives.rpoSeconds, "from the point to the fence or the outage")],
    [
      "Laws",
      broken.length === 0 ? paint.green(`all ${result.invariants.length} held`) : paint.red(`${broken.length} broken`),
    ],
    ...broken.map(({ name, detail }): [string, string] => ["", paint.red(`${name}: ${detail}`)]),
    ["Cost", `${result.transitions} transitions, ${result.invocations} invocations, $${result.costUsd.toFixed(4)}`],
    ...(result.report ? [["Report", "rehearse --report prints it"] as [string, string]] : []),
    ["Outcome", outcomeText(result, paint)],
    ...(result.error
      ? ([
          ["", result.error.message],
          ["Next", isUnanswered(result.error) ? askSomebody : result.error.hint],
        ] as [string, string][])
      : []),
    ...(result.outcome === "held" && result.outageSeconds && !result.servedBy
      ? [["Next", startIt] as [string, string]]
      : []),
  ];
  return lines.map(([label, text]) => `${label.padEnd(12)} ${text}`);
};

const launched = ({ world }: Result): [string, string][] => {
  const { records: _records, row: _row, ...regions } = world;
  return Object.values(regions)
    .flatMap(({ instances }) => instances)
    .filter(({ launchedFor, state }) => launchedFor && state === "running")
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
    .map(({ id, name, launchedFor, type, address, point }, index) => [
      index === 0 ? "Launched" : "",
      `${name.padEnd(10)} ${launchedFor} -> ${id}  ${type}  ${address}  from ${point}`,
    ]);
};

/** The objective is judged by the worse of both: what the controller has not seen is time for the users, too. */
const rto = (result: Result, told: ReturnType<typeof figure>, paint: Paint): [string, string][] => {
  const { rtoSeconds, rtoFromFaultSeconds, rtoOracleSeconds, objectives, outageSeconds, servedBy } = result;
  if (rtoSeconds === null && outageSeconds && !servedBy)
    return [
      [
        "RTO",
        `${"none".padEnd(8)} objective ${duration(objectives.rtoSeconds)}: ${paint.red("missed")} (not served again)`,
      ],
    ];
  if (rtoSeconds === null) return [["RTO", "none"]];
  const worse = Math.max(rtoSeconds, rtoFromFaultSeconds ?? 0);
  const parts = [
    ...(rtoFromFaultSeconds === null ? [] : [`${duration(rtoFromFaultSeconds)} since the fault`]),
    `${duration(rtoSeconds)} since the first evidence`,
    ...(rtoOracleSeconds
      ? [`${(rtoSeconds / rtoOracleSeconds).toFixed(2)} times what a controller that takes no time would need`]
      : []),
  ];
  return [["RTO", told(worse, objectives.rtoSeconds, parts.join(", "))]];
};

const usersText = ({ outageSeconds, served, servedBy }: Result, at: (iso: string) => string) => {
  if (outageSeconds === null) return "the plan has no public name: nobody was looked at";
  const now = servedBy ? `${servedBy} serves now` : "nobody serves them now";
  if (outageSeconds === 0) return `served all the time; ${now}`;
  return `without service for ${duration(outageSeconds)}${served ? `, served again at ${at(served)}` : ""}; ${now}`;
};

const fenceText = ({ fence }: Result) => fences[fence];
const fences: Record<Result["fence"], string> = {
  proven: "the old servers were proven to be stopped or cut off before users moved",
  unreachable: "the old Region did not answer: whether its servers run is not known",
  none: "the old servers were not fenced",
};

const figure = (paint: Paint) => (seconds: number | null, objective: number, note: string) => {
  if (seconds === null) return "none";
  const met = seconds <= objective ? paint.green("met") : paint.red("missed");
  return `${duration(seconds).padEnd(8)} objective ${duration(objective)}: ${met}${note ? ` (${note})` : ""}`;
};

const isUnanswered = (error: Result["error"]) => error?.message.startsWith("NobodyAnswered") === true;
const askSomebody = "lifeboat rehearse PLAN --approve-after 5m: a person approves five minutes after the question";

/** What a rehearsal in which nothing was started, and nobody serves, leaves to do. */
const startIt = "lifeboat rehearse PLAN --run failover plays what a person's start would do";

const outcomeText = ({ outcome, error, decisions }: Result, paint: Paint) => {
  if (outcome === "succeeded") return paint.green("succeeded");
  if (outcome === "failed") return paint.red("failed");
  if (outcome === "refused" && isUnanswered(error))
    return paint.yellow("refused: asked, nobody answered (as in this scenario)");
  const hold = decisions.findLast(({ action }) => action === "hold");
  if (outcome === "held" && hold) return paint.yellow(`held: no run was started (${hold.code}: ${hold.because})`);
  return paint.yellow(outcome === "none" ? "none: no run was started" : outcome);
};
