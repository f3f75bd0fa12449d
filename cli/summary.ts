import type { Result } from "../simulator/story/result.ts";
import { duration, offset, type Paint } from "../terminal/format.ts";
import { clocked } from "./news.ts";
import { isUnserved, worseRtoSeconds } from "./objectives.ts";

/** Columns of the labels: where a long line goes on. */
export const labelColumns = 13;

/** The end of a rehearsal as a tired person reads it: one fact a line, figures beside their objectives, the outcome last. */
export const summary = (result: Result, faults: string[], paint: Paint): string[] => {
  const zero = Date.parse(result.zeroAt);
  const at = (iso: string) => offset(Date.parse(iso), zero);
  const compared = figure(paint);
  const broken = result.invariants.filter(({ held }) => !held);
  const lines: [string, string][] = [
    ["Scenario", `${result.scenario}, seed ${result.seed} (everything below is simulated)`],
    ...faults.map((text): [string, string] => ["What failed", text]),
    ...decided(result).map(({ at: when, action, code, because }): [string, string] => [
      "Decided",
      `${at(when)} ${action} · ${code} · ${clocked(because, zero)}`,
    ]),
    ...result.runs.map(({ run, id, outcome, startedAt, endedAt, idle }): [string, string] => [
      "Run",
      `${run} ${id}: ${idle ? `nothing to do (${idle})` : outcome}, from ${at(startedAt)}${endedAt ? ` to ${at(endedAt)}` : ", not ended"}`,
    ]),
    ...launched(result),
    ...result.world.records.map(({ name, type, before, now }): [string, string] => [
      "DNS",
      dnsText(name, type, before, now),
    ]),
    ["Users", usersText(result, at)],
    ...(result.runs.some(({ run }) => run === "failover") ? [["Fence", fences[result.fence]] as [string, string]] : []),
    ...rto(result, compared, paint),
    [
      "RPO",
      compared(
        result.rpoSeconds,
        result.objectives.rpoSeconds,
        "age of the newest complete recovery point when the scenario began",
      ),
    ],
    ["Data loss", compared(result.lossSeconds, result.objectives.rpoSeconds, lossNotes[result.fence])],
    [
      "Invariants",
      broken.length === 0 ? paint.green(`all ${countOf(result)} passed`) : paint.red(`${broken.length} broken`),
    ],
    ...broken.map(({ name, detail }): [string, string] => ["", paint.red(`${name}: ${detail}`)]),
    ["Cost", `${result.transitions} transitions, ${result.invocations} invocations, $${result.costUsd.toFixed(4)}`],
    ...(result.report ? [["Report", "rehearse --report prints it"] as [string, string]] : []),
    ["Outcome", outcomeText(result, paint)],
    ...(result.error
      ? ([
          ["", clocked(result.error.message, zero)],
          ["Next", isUnanswered(result.error) ? letSomebodyApprove : result.error.hint],
        ] as [string, string][])
      : []),
    ...(result.outcome === "held" && result.outageSeconds && !result.servedBy
      ? [["Next", startIt] as [string, string]]
      : []),
  ];
  return lines.map(([label, text]) => `${label.padEnd(labelColumns - 1)} ${text}`);
};

/** An invariant has several checks; the name of each begins with the number of its invariant. */
const countOf = ({ invariants }: Result) => {
  const numbers = new Set(invariants.map(({ name }) => Number.parseInt(name, 10)));
  return `${numbers.size} safety invariants (${invariants.length} checks)`;
};

/** Those by which something was done, or else the last that held something back: the others were news. */
const decided = ({ decisions }: Result) => {
  const acted = decisions.filter(({ action }) => action !== "none" && action !== "hold");
  return acted.length > 0 ? acted : decisions.filter(({ action }) => action === "hold").slice(-1);
};

/** Per resource how many servers run, and from which point; then each of them, unless they are many. */
const launched = ({ world, steps }: Result): [string, string][] => {
  const { records: _records, row: _row, ...regions } = world;
  const servers = Object.values(regions)
    .flatMap(({ instances }) => instances)
    .filter(({ launchedFor, state }) => launchedFor && state === "running")
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const points = [...new Set(servers.map(({ point }) => point))];
  const groups = points.map(
    (point) => `${servers.filter((one) => one.point === point).length} from the point ${point}`,
  );
  const failed = [
    ...new Set(steps.filter(({ server, outcome }) => server && outcome !== "ok").map(({ server }) => server)),
  ];
  const shown = servers.length > serversMax ? [] : servers;
  return [
    ...groups.map((text, index): [string, string] => [index === 0 ? "Launched" : "", text]),
    ...shown.map(({ id, name, type, address }): [string, string] => [
      "",
      `${name.padEnd(10)} ${id}  ${type}  ${address}`,
    ]),
    ...(failed.length > 0 ? [["Failed", failed.join(", ")] as [string, string]] : []),
  ];
};
const serversMax = 24;

const dnsText = (name: string, type: string, before: string[], now: string[]) =>
  before.join() === now.join()
    ? `${name} ${type}: ${now.join(", ")}, as before`
    : `${name} ${type}: ${before.join(", ")} -> ${now.join(", ")}`;

const rto = (result: Result, compared: ReturnType<typeof figure>, paint: Paint): [string, string][] => {
  const { rtoSeconds, rtoFromFaultSeconds, rtoOracleSeconds, objectives } = result;
  if (isUnserved(result)) {
    const missed = `${paint.red("missed")}: users have no service`;
    return [["RTO", `${"none".padEnd(8)} objective ${duration(objectives.rtoSeconds)}: ${missed}`]];
  }
  const worse = worseRtoSeconds(result);
  if (worse === null || rtoSeconds === null) return [["RTO", "none: users kept their service"]];
  const from = rtoFromFaultSeconds === null ? "from the first evidence" : "from the fault";
  const own = rtoOracleSeconds === null ? null : Math.max(0, rtoSeconds - rtoOracleSeconds);
  const seen = worse - rtoSeconds;
  const parts = [
    `${from} until users are served`,
    ...(seen > 0 ? [`${duration(seen)} passed before the first evidence`] : []),
    ...(own === null ? [] : [`Lifeboat itself took ${duration(own)}, the rest was ${waits(result)}`]),
  ];
  return [["RTO", compared(worse, objectives.rtoSeconds, parts.join("; "))]];
};
const waits = ({ decisions }: Result) =>
  decisions.some(({ action }) => action === "ask")
    ? "AWS, waits set in the plan, and the approval"
    : "AWS and waits set in the plan";

const usersText = ({ outageSeconds, served, servedBy }: Result, at: (iso: string) => string) => {
  if (outageSeconds === null) return "the plan has no public name: no user was simulated";
  const now = servedBy ? `${servedBy} serves now` : "no Region serves them now";
  if (outageSeconds === 0) return `served all the time; ${now}`;
  return `without service for ${duration(outageSeconds)}${served ? `, served again at ${at(served)}` : ""}; ${now}`;
};

const fences: Record<Result["fence"], string> = {
  proven: "the old servers were proven stopped or isolated before traffic moved",
  unreachable: "the old Region did not answer; cannot confirm that its servers are stopped",
  none: "the old servers were not fenced",
};

/** What was lost ends where the source could take no more writes, as far as that is known. */
const lossNotes: Record<Result["fence"], string> = {
  proven: "writes between the recovery point and the fence",
  unreachable: "writes between the recovery point and the first evidence; the old servers were not fenced",
  none: "writes since the recovery point",
};

const figure = (paint: Paint) => (seconds: number | null, objective: number, note: string) => {
  if (seconds === null) return "none";
  const met = seconds <= objective ? paint.green("met") : paint.red("missed");
  return `${duration(seconds).padEnd(8)} objective ${duration(objective)}: ${met}${note ? ` (${note})` : ""}`;
};

const isUnanswered = (error: Result["error"]) => error?.message.startsWith("NobodyAnswered") === true;
const letSomebodyApprove =
  "lifeboat rehearse PLAN --approve-after 5m: a person approves five minutes after the request";

/** What a rehearsal in which nothing was started, and nobody serves, leaves to do. */
const startIt = "lifeboat rehearse PLAN --run failover plays a failover that a person starts";

const outcomeText = (result: Result, paint: Paint) => {
  const { outcome, error, decisions, runs, runId, zeroAt } = result;
  const last = runs.find(({ id }) => id === runId);
  const idleRun = last?.idle;
  if (outcome === "succeeded" && idleRun)
    return paint.yellow(`${last?.run === "replicate" ? "no recovery point was made" : "nothing to do"}: ${idleRun}`);
  if (outcome === "succeeded") return paint.green("succeeded");
  if (outcome === "failed") return paint.red("failed");
  if (outcome === "refused" && isUnanswered(error))
    return paint.yellow("refused: nobody answered the approval request (as in this scenario)");
  const notice = decisions.findLast(({ action }) => action === "notify");
  if (outcome === "held" && notice)
    return paint.yellow("held: a message was sent; with action: notify no run starts automatically");
  const hold = decisions.findLast(({ action }) => action === "hold");
  if (outcome === "held" && hold)
    return paint.yellow(`held: no run was started (${hold.code}: ${clocked(hold.because, Date.parse(zeroAt))})`);
  return outcome === "none" ? unmoved(result, paint) : paint.yellow(outcome);
};

/** Nothing was started: as it should be, unless users went without. */
const unmoved = ({ outageSeconds, servedBy, zeroAt, decisions }: Result, paint: Paint) => {
  const hold = decisions.findLast(({ at, action }) => at >= zeroAt && action === "hold");
  if (!outageSeconds) {
    const held = hold ? `; a failover was on hold (${hold.code}) until the Region was healthy again` : "";
    return paint.green(`no failover, and none was needed${held}`);
  }
  const again = servedBy ? `${servedBy} serves users again` : "no Region serves users";
  return paint.yellow(`no failover: ${again}, after ${duration(outageSeconds)} without service`);
};
