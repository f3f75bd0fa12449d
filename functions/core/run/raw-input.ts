import { PlanInvalidError } from "../errors.ts";
import type { Approval, Incident, Run } from "../model/run.ts";
import { isPersonName, isReason, reasonForms } from "../plain.ts";
import { readPointRequest } from "../points/choose-point.ts";

/** What the raw input of a machine asks for; `application` is not known to exist yet. */
export type Request = {
  application: string;
  request: Run["request"];
  incident: Incident | null;
  answer: Approval | null;
  /** It is there to finish a move, and for nothing else. */
  resume: boolean;
  /** It only tries the rights of a failover. */
  proof: boolean;
};

/**
 * Keys that a person may give. `incident`, `resume` and `by` come from detect and from schedules only, `answer` from the
 * command line and the approval page, `proof` from detect and from operators who have fixed a permission.
 */
export const allowedKeys = ["application", "reason", "recoveryPoint", "approve", "force"] as const;
const internalKeys = ["incident", "by", "answer", "resume", "proof"];
const hint = 'Start the machine with { "application": "<name>" }.';

/** Reads what a person, a schedule or detect typed into a machine. Throws PlanInvalidError with every problem at once. */
export const readInput = (input: unknown): Request => {
  if (!isObject(input)) throw new PlanInvalidError(`input: expected an object (got ${shown(input)})`, hint);
  const problems: string[] = [];
  const read = <T>(key: string, expected: string, when: (value: unknown) => boolean, otherwise: T): T => {
    const value = input[key];
    if (value === undefined && key !== "application") return otherwise;
    if (when(value)) return value as T;
    problems.push(`${key}: expected ${expected} (got ${shown(value)})`);
    return otherwise;
  };

  for (const key of Object.keys(input)) {
    if (![...allowedKeys, ...internalKeys].includes(key))
      problems.push(`${key}: unknown key; allowed are ${allowedKeys.join(", ")}`);
  }
  const incident = read<Incident | null>("incident", "the incident that detect describes", isIncident, null);
  const answer = read<Approval | null>(
    "answer",
    "{ run, approved, by }, beside the application alone",
    isAnswerIn(input),
    null,
  );
  const by = read<Run["request"]["by"]>("by", '"person", "detect" or "schedule"', isStarter, "person");
  const found: Request = {
    application: read("application", "the name of a deployed application", isText, ""),
    request: {
      by: incident ? "detect" : by,
      reason: read("reason", reasonForms, isReason, null),
      recoveryPoint: read("recoveryPoint", '"latest", the id of a point or an ISO 8601 time', isPointRequest, "latest"),
      approve: read("approve", "true or false", isBoolean, false),
      force: read("force", "true or false", isBoolean, false),
    },
    incident: incident && { ...incident, ask: incident.ask ?? false },
    answer,
    resume: read("resume", "true or false", isBoolean, false),
    proof: read("proof", "true, beside the application alone", isProofIn(input), false),
  };
  if (problems.length) throw new PlanInvalidError(`input: ${problems.join("; ")}`, hint);
  return found;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown) => typeof value === "string" && value !== "";
const isBoolean = (value: unknown) => typeof value === "boolean";
const isPointRequest = (value: unknown) => typeof value === "string" && readPointRequest(value) !== null;
const isStarter = (value: unknown) => value === "person" || value === "detect" || value === "schedule";
const isTime = (value: unknown) => typeof value === "string" && !Number.isNaN(Date.parse(value));
const hasOnly = (value: Record<string, unknown>, keys: string[]) =>
  Object.keys(value).every((key) => keys.includes(key));
const incidentKeys = ["id", "firstFailingAt", "decidedAt", "because", "ask", "storm"];
const isIncident = (value: unknown) =>
  isObject(value) &&
  hasOnly(value, incidentKeys) &&
  isText(value.id) &&
  isText(value.because) &&
  isTime(value.firstFailingAt) &&
  isTime(value.decidedAt) &&
  [value.ask, value.storm].every((flag) => flag === undefined || isBoolean(flag));

/** An answer starts nothing: no other key may come with it. */
const isAnswerIn = (input: Record<string, unknown>) => (value: unknown) =>
  hasOnly(input, ["application", "answer"]) &&
  isObject(value) &&
  hasOnly(value, ["run", "approved", "by"]) &&
  isText(value.run) &&
  isBoolean(value.approved) &&
  isPersonName(value.by);

const isProofIn = (input: Record<string, unknown>) => (value: unknown) =>
  value === true && hasOnly(input, ["application", "proof"]);

const textLengthMax = 60;
const shown = (value: unknown) => {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > textLengthMax ? `${text.slice(0, textLengthMax)}…` : text;
};
