import type { Watched } from "../functions/aws/store/detect-items.ts";
import { replySentence } from "../functions/core/approval/approval.ts";
import { deadlineSentence } from "../functions/core/approval/message.ts";
import { isFreshVerdict, secondsBetween, secondsSince } from "../functions/core/clock/time.ts";
import { doneAbout } from "../functions/core/detect/incident.ts";
import type { Question } from "../functions/core/model/approval-request.ts";
import { sideOf } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import type { Unfinished } from "../functions/core/model/row.ts";
import { own } from "../functions/core/own.ts";
import { deniedText, proofAgeSecondsMax } from "../functions/core/readiness/proof.ts";
import { unfinishedSentence } from "../functions/core/run/unfinished.ts";
import { duration, type Paint } from "../terminal/format.ts";

/** The status for a person: what needs them first, each part in a line or a few. */
export const statusLines = (status: Status, plan: Plan, call: string, paint: Paint): string[] => [
  placeLine(status),
  ...moveLines(status, call, paint),
  ...questionLines(status, call, paint),
  ...controlLines(status, call, paint),
  ...readyLines(status, paint),
  ...evidenceLines(status, plan, paint),
  ...status.resources.map((resource) => resourceLine(resource, paint)),
  ...proofLines(status, paint),
  lastRunLine(status),
];

/** While a run is on nobody asks whether one would work. */
const readyLines = ({ application, at, ready, reasons, readiness, row }: Status, paint: Paint) => {
  if (!row || row.run) return [];
  const age = readiness ? duration(secondsBetween(readiness.at, at)) : null;
  const looked = age === null ? "" : `, checked ${age} ago`;
  if (ready) return [`failover of ${application}: ${paint.green("READY")}${looked}`];
  return [`failover of ${application}: ${paint.red("NOT READY")}${looked}`, ...reasons.map((one) => `  ${one}`)];
};

const placeLine = ({ application, row, regions, planVersion }: Status) => {
  if (!row) return `${application}: no state record: the deployment did not finish`;
  const busy = [row.run, row.protect, row.rotate].flatMap((lease) => lease?.name ?? []);
  const at = busy.length ? `; running: ${busy.join(", ")}` : "";
  const role = sideOf({ regions }, row.active);
  return `${application}: served from ${row.active} (${role}), phase ${row.phase}, plan ${planVersion}${at}`;
};

/** Nothing while traffic is where the row says, as far as detect has seen. */
const moveLines = ({ application, unfinished, trafficPlace }: Status, call: string, paint: Paint) => [
  ...(unfinished
    ? [`${paint.red("unfinished:")} ${unfinishedSentence(unfinished, application, `lifeboat failover ${call}`)}`]
    : []),
  ...(trafficPlace?.code === "Elsewhere"
    ? [`${paint.red("traffic:")} elsewhere since ${trafficPlace.since}: ${trafficPlace.because}`]
    : []),
];

const questionLines = ({ question }: Status, call: string, paint: Paint) => {
  if (!question) return [];
  const { run, code, because, until, answer } = question;
  return [
    `${paint.yellow("approval needed:")} ${run} (${code}): ${because}`,
    answer
      ? `  ${replySentence(question, answer)}; the run has not processed it yet`
      : `  until ${until}: lifeboat approve ${call}, or lifeboat withhold ${call}. ${deadlineSentence(question)}`,
  ];
};

const controlLines = ({ controls: { paused } }: Status, call: string, paint: Paint) =>
  paused
    ? [
        `${paint.yellow("paused:")} by ${paused.by} at ${paused.at}${paused.reason ? `: ${paused.reason}` : ""}; Lifeboat starts no run automatically until lifeboat resume ${call}`,
      ]
    : [];

const evidenceLines = ({ evidence, at }: Status, { detect }: Plan, paint: Paint) => {
  if (!evidence) return ["evidence: none yet, detect has not looked"];
  const { verdict, votes, decision, armedAt, incident } = evidence;
  const now = new Date(at);
  const age = duration(secondsSince(verdict.at, now));
  const old = isFreshVerdict(verdict, now) ? "" : paint.red(`; no evaluation for ${age}`);
  const colour = verdict.code === "Healthy" ? paint.green : paint.red;
  const rows = detect.witnesses.map(({ name, kind }) => {
    const vote = own(votes, name);
    return {
      name,
      kind,
      state: vote?.state ?? "not checked yet",
      detail: vote ? `since ${vote.since}: ${vote.because}` : "",
    };
  });
  const width = (key: "name" | "kind" | "state") => Math.max(...rows.map((row) => row[key].length), 0);
  return [
    `verdict: ${colour(verdict.code)} since ${verdict.since}: ${verdict.because}${old}`,
    ...rows.map(({ name, kind, state, detail }) =>
      `  ${name.padEnd(width("name"))}  ${kind.padEnd(width("kind"))}  ${state.padEnd(width("state"))}  ${detail}`.trimEnd(),
    ),
    ...(decision ? [`decision: ${decision.action} · ${decision.code} · ${decision.because}`] : []),
    armedAt ? `armed: since ${armedAt}` : `armed: no, not yet healthy for ${duration(detect.armAfterHealthySeconds)}`,
    ...(incident ? [`incident: ${incident.id}, ${doneAbout(incident)}`] : []),
  ];
};

const resourceLine = ({ resource, point, rpoSeconds, objectiveSeconds }: ResourceStatus, paint: Paint) => {
  const objective = `objective ${duration(objectiveSeconds)}`;
  if (rpoSeconds === null) return `rpo ${resource}: ${paint.red("no complete point")}, ${objective}`;
  const colour = rpoSeconds <= objectiveSeconds ? paint.green : paint.red;
  return `rpo ${resource}: ${colour(duration(rpoSeconds))}, ${objective}, newest point ${point}`;
};

const proofLines = ({ proof, at }: Status, paint: Paint) => {
  const age = (time: string) => duration(secondsBetween(time, at));
  if (!proof?.at) return [`rights: ${paint.red("not proven yet")}${proof ? `, deployed ${age(proof.since)} ago` : ""}`];
  const { denied, unknown, provenAt } = proof;
  const old = Date.parse(at) - Date.parse(proof.at) > proofAgeSecondsMax * 1_000 ? paint.red("; no proof since") : "";
  const found = denied.length ? paint.red(`${denied.length} missing`) : paint.green("proven");
  const before = denied.length && provenAt ? `, last proven ${age(provenAt)} ago` : "";
  return [
    `rights: ${found}, tested ${age(proof.at)} ago${before}${old}`,
    ...denied.map((one) => `  ${paint.red("missing:")} ${deniedText(one)}`),
    ...unknown.map((one) => `  not tested: ${one}`),
  ];
};

const lastRunLine = ({ row, controls: { acknowledged } }: Status) => {
  if (!row?.lastRun) return "last run: none";
  const { name, outcome, endedAt } = row.lastRun;
  const known = acknowledged?.run === name ? `, acknowledged by ${acknowledged.by}` : "";
  return `last run: ${name}, ${outcome} at ${endedAt}${known}`;
};

/** Age of the newest complete point of a resource, in seconds; null without one. */
export type ResourceStatus = {
  resource: string;
  point: string | null;
  pointAt: string | null;
  rpoSeconds: number | null;
  objectiveSeconds: number;
};

/** All that is known of one application, as `--json` prints it. */
export type Status = Pick<
  Watched,
  "planVersion" | "row" | "evidence" | "controls" | "trafficPlace" | "proof" | "readiness"
> & {
  application: string;
  /** Would a failover work now, as far as the last look knows; `reasons` why not, what is only waited for last. */
  ready: boolean;
  reasons: string[];
  regions: Plan["regions"];
  at: string;
  /** A move that traffic was not seen to follow; null when there is none. */
  unfinished: Unfinished | null;
  /** What a run waits for just now. */
  question: Question | null;
  resources: ResourceStatus[];
};
