import type { Findings } from "../findings.ts";
import type { Traffic, TrafficRecord } from "../model/plan.ts";
import { type RecordSet, swapNeeded } from "./record-changes.ts";
import { isSwapped, type Pair, pairOf } from "./record-pairs.ts";
import { nameOf } from "./routing-control.ts";

/** A health check as far as it may sit on the records of a switch. */
export type Check = {
  id: string;
  type: string;
  inverted: boolean;
  disabled: boolean;
  alarm: { region: string } | null;
  insufficientData: string | null;
  routingControl: string | null;
};

/** Of a check that the deployment makes it is no mistake before that. */
export const unwired = "the PRIMARY set has no health check, so the takeover would not move it";

type Sets = Record<string, RecordSet[]>;

/** The checks that have to be read, since the plan does not name them. Each once. */
export const unknownChecks = (traffic: Traffic, sets: Sets): string[] => {
  const { switch: by, healthCheck, records } = traffic;
  const pairs = records.map((record) => pairOf(record, sets));
  const wanted = pairs.flatMap(({ primary, recovery }) => [
    by === "routing-control" || (by === "takeover" && healthCheck === "create") ? primary?.healthCheck : null,
    by === "records" ? null : recovery?.healthCheck,
  ]);
  return [...new Set(wanted.flatMap((id) => id ?? []))];
};

/** Checks on SECONDARY records of a takeover: while they fail, Route 53 does not move users there. */
export const standbyChecks = ({ switch: by, records }: Traffic, sets: Sets): string[] =>
  by === "takeover" ? [...new Set(records.flatMap((record) => pairOf(record, sets).recovery?.healthCheck ?? []))] : [];

/** Only those that probe have a status of their own to ask for. */
export const isEndpointCheck = ({ type }: Check) => /^(HTTP|HTTPS|TCP)(_STR_MATCH)?$/.test(type);

/**
 * Health inputs of the record pairs (design of the switch): the takeover's own check on PRIMARY, none on SECONDARY, no
 * EvaluateTargetHealth; with routing controls their checks on both. Anything else may move traffic without the row.
 * `checks`: id -> configuration, null when it does not exist, absent when it could not be read. `failing`: ids of checks
 * that fail now. `sets` by zone.
 */
export const judgeHealthInputs = (
  traffic: Traffic,
  sets: Sets,
  checks: Map<string, Check | null>,
  recovery: string,
  failing: ReadonlySet<string> = new Set(),
): Findings => {
  const found: Findings = { problems: [], warnings: [] };
  for (const record of traffic.records) {
    const pair = pairOf(record, sets);
    const add = (all: Findings) => {
      const name = (sentence: string) => `${record.name} ${record.type}: ${sentence}`;
      found.problems.push(...all.problems.map(name));
      found.warnings.push(...all.warnings.map(name));
    };
    if (record.policy === "failover") add(judgePair(traffic, record, pair, checks, recovery, failing));
    if (traffic.switch === "routing-control") add(judgeControls(record, pair, checks));
  }
  return found;
};

const problem = (sentence: string): Findings => ({ problems: [sentence], warnings: [] });

const judgePair = (
  traffic: Traffic,
  record: TrafficRecord,
  pair: Pair,
  checks: Map<string, Check | null>,
  region: string,
  failing: ReadonlySet<string>,
): Findings => {
  const { primary, recovery: secondary } = pair;
  if (!primary || !secondary) {
    const got = primary?.failover ?? secondary?.failover ?? "neither";
    return problem(`expected a PRIMARY and a SECONDARY set (got ${got})`);
  }
  if (isSwapped(record, pair)) return problem(swapNeeded(record));
  const found: Findings = { problems: [], warnings: [] };
  const open = traffic.allowHealthInputs ? found.warnings : found.problems;
  open.push(...otherInputs(traffic, primary, secondary));
  if (traffic.switch !== "takeover") return found;
  if (!primary.healthCheck) {
    found.problems.push(unwired);
    return found;
  }
  if (secondary.healthCheck === primary.healthCheck)
    found.problems.push("the takeover's health check is on the SECONDARY set too, so nothing would move");
  else if (secondary.healthCheck && failing.has(secondary.healthCheck))
    found.problems.push(
      `health check ${secondary.healthCheck} of the SECONDARY set fails: with both records unhealthy Route 53 answers PRIMARY, so nothing would move`,
    );
  if (traffic.healthCheck === "create" && !checks.has(primary.healthCheck)) {
    found.warnings.push(`health check ${primary.healthCheck} could not be checked`);
    return found;
  }
  const wrong = unlike(traffic, primary.healthCheck, checks.get(primary.healthCheck) ?? null, region);
  if (wrong) open.push(`health check ${primary.healthCheck} of the PRIMARY set ${wrong}`);
  return found;
};

const otherInputs = (traffic: Traffic, primary: RecordSet, secondary: RecordSet): string[] => {
  const sentences: string[] = [];
  for (const set of [primary, secondary])
    if (set.alias?.evaluateTargetHealth) sentences.push(`EvaluateTargetHealth is on for the ${set.failover} set`);
  if (traffic.switch === "routing-control") return sentences;
  if (secondary.healthCheck && secondary.healthCheck !== primary.healthCheck)
    sentences.push(`the SECONDARY set has the health check ${secondary.healthCheck}`);
  if (traffic.switch !== "takeover" && primary.healthCheck && primary.healthCheck !== traffic.healthCheck)
    sentences.push(`the PRIMARY set has the health check ${primary.healthCheck}`);
  return sentences;
};

/** Each set of a pair must follow its own routing control. */
const judgeControls = (
  { routingControls, setIdentifiers }: TrafficRecord,
  pair: Pair,
  checks: Map<string, Check | null>,
): Findings => {
  const found: Findings = { problems: [], warnings: [] };
  for (const side of ["primary", "recovery"] as const) {
    const [set, control] = [pair[side], routingControls?.[side]];
    if (!set || !control) continue;
    const name = `the set "${set.setIdentifier ?? setIdentifiers[side]}"`;
    const { healthCheck: id } = set;
    const check = id === null ? null : checks.get(id);
    if (id === null) found.problems.push(`${name} has no health check, so ${nameOf(control)} does not move it`);
    else if (check === undefined) found.warnings.push(`health check ${id} could not be checked`);
    else if (check?.type !== "RECOVERY_CONTROL" || check.routingControl !== control)
      found.problems.push(`health check ${id} of ${name} does not follow ${nameOf(control)}`);
    else if (check.inverted || check.disabled)
      found.problems.push(`health check ${id} of ${name} is ${check.inverted ? "inverted" : "disabled"}`);
  }
  return found;
};

/** Why a check cannot be the takeover's, or null. One that the plan does not name is judged by its shape. */
const unlike = (traffic: Traffic, id: string, check: Check | null, recovery: string): string | null => {
  if (traffic.healthCheck !== "create")
    return id === traffic.healthCheck ? null : `is not the plan's, ${traffic.healthCheck}`;
  if (!check) return "does not exist";
  if (check.type !== "CLOUDWATCH_METRIC") return `is of type ${check.type}, not CLOUDWATCH_METRIC`;
  if (check.alarm?.region !== recovery)
    return `follows an alarm in ${check.alarm?.region ?? "no Region"}, not in ${recovery}`;
  if (check.inverted) return "is inverted";
  if (check.disabled) return "is disabled";
  if (check.insufficientData !== "LastKnownStatus") return "does not keep its last known status when data is missing";
  return null;
};
