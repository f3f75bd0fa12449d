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
    ["RTO", told(result.rtoSeconds, result.objectives.rtoSeconds, floorText(result))],
    ["RPO", told(result.rpoSeconds, result.objectives.rpoSeconds, "age of the newest complete point at time 0")],
    ["Loss", told(result.lossSeconds, result.objectives.rpoSeconds, "from the point to the fence or the outage")],
    [
      "Laws",
      broken.length === 0 ? paint.green(`all ${result.invariants.length} held`) : paint.red(`${broken.length} broken`),
    ],
    ...broken.map(({ name, detail }): [string, string] => ["", paint.red(`${name}: ${detail}`)]),
    ["Cost", `${result.transitions} transitions, ${result.invocations} invocations, $${result.costUsd.toFixed(4)}`],
    ...(result.report ? [["Report", `${result.report} (in the simulated bucket)`] as [string, string]] : []),
    ["Outcome", outcomeText(result, paint)],
    ...(result.error
      ? ([
          ["", result.error.message],
          ["Next", result.error.hint],
        ] as [string, string][])
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

const floorText = ({ rtoSeconds, rtoFloorSeconds }: Result) =>
  rtoFloorSeconds === null || rtoSeconds === null
    ? ""
    : `${(rtoSeconds / rtoFloorSeconds).toFixed(2)} times the floor of ${duration(rtoFloorSeconds)}, a whole tick of detection in it`;

const figure = (paint: Paint) => (seconds: number | null, objective: number, note: string) => {
  if (seconds === null) return "none";
  const met = seconds <= objective ? paint.green("met") : paint.red("missed");
  return `${duration(seconds).padEnd(8)} objective ${duration(objective)}: ${met}${note ? ` (${note})` : ""}`;
};

const outcomeText = ({ outcome }: Result, paint: Paint) =>
  outcome === "succeeded"
    ? paint.green("succeeded")
    : outcome === "failed"
      ? paint.red("failed")
      : paint.yellow(outcome);
