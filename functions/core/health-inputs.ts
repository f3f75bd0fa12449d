import type { Traffic, TrafficRecord } from "./plan.ts";
import type { Findings } from "./preflight-rules.ts";
import type { RecordSet } from "./record-changes.ts";

/** A health check as far as it may sit on the PRIMARY record of a takeover. */
export type Check = {
  id: string;
  type: string;
  inverted: boolean;
  disabled: boolean;
  alarm: { region: string } | null;
  insufficientData: string | null;
};

/** The checks on PRIMARY sets that have to be looked at: the switch stack made them, so the plan does not know their ids. */
export const unknownChecks = ({ records, healthCheck, switch: by }: Traffic, sets: RecordSet[]): string[] => {
  if (by !== "takeover" || healthCheck !== "create") return [];
  return [...new Set(records.flatMap((record) => pairOf(record, sets).primary?.healthCheck ?? []))];
};

/**
 * Health inputs of the record pairs (design of the switch): the takeover's own check on PRIMARY, none on SECONDARY, no
 * EvaluateTargetHealth. Anything else may move traffic without the row. `checks`: id -> configuration, null when it
 * does not exist, absent when it could not be read.
 */
export const judgeHealthInputs = (
  traffic: Traffic,
  sets: RecordSet[],
  checks: Map<string, Check | null>,
  recovery: string,
): Findings => {
  const found: Findings = { problems: [], warnings: [] };
  for (const record of traffic.records.filter(({ policy }) => policy === "failover")) {
    const { primary, secondary } = pairOf(record, sets);
    const told = (sentence: string) => `${record.name} ${record.type}: ${sentence}`;
    if (!primary || !secondary) {
      const got = primary?.failover ?? secondary?.failover ?? "neither";
      found.problems.push(told(`expected a PRIMARY and a SECONDARY set (got ${got})`));
      continue;
    }
    for (const sentence of otherInputs(traffic, primary, secondary))
      (traffic.allowHealthInputs ? found.warnings : found.problems).push(told(sentence));
    if (traffic.switch !== "takeover") continue;
    if (!primary.healthCheck) {
      found.problems.push(told("the PRIMARY set has no health check, so the takeover would not move it"));
      continue;
    }
    if (secondary.healthCheck === primary.healthCheck)
      found.problems.push(told("the takeover's health check is on the SECONDARY set too, so nothing would move"));
    if (traffic.healthCheck === "create" && !checks.has(primary.healthCheck)) {
      found.warnings.push(told(`health check ${primary.healthCheck} could not be checked`));
      continue;
    }
    const wrong = unlike(traffic, primary.healthCheck, checks.get(primary.healthCheck) ?? null, recovery);
    if (wrong)
      (traffic.allowHealthInputs ? found.warnings : found.problems).push(
        told(`health check ${primary.healthCheck} of the PRIMARY set ${wrong}`),
      );
  }
  return found;
};

const pairOf = ({ name, type, policy }: TrafficRecord, sets: RecordSet[]) => {
  const own = policy === "failover" ? sets.filter((set) => set.name === name && set.type === type) : [];
  const role = (failover: string) => own.find((set) => set.failover === failover) ?? null;
  return { primary: role("PRIMARY"), secondary: role("SECONDARY") };
};

const otherInputs = (traffic: Traffic, primary: RecordSet, secondary: RecordSet): string[] => {
  const sentences: string[] = [];
  for (const set of [primary, secondary])
    if (set.alias?.evaluateTargetHealth) sentences.push(`EvaluateTargetHealth is on for the ${set.failover} set`);
  if (secondary.healthCheck && secondary.healthCheck !== primary.healthCheck)
    sentences.push(`the SECONDARY set has the health check ${secondary.healthCheck}`);
  if (traffic.switch !== "takeover" && primary.healthCheck && primary.healthCheck !== traffic.healthCheck)
    sentences.push(`the PRIMARY set has the health check ${primary.healthCheck}`);
  return sentences;
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
