import { createHash } from "node:crypto";

/** Tag keys. Everything that Lifeboat makes carries `application`; rotation and clean-up touch nothing without it. */
export const tagKeys = {
  application: "lifeboat:application",
  resource: "lifeboat:resource",
  point: "lifeboat:point",
  /** Instance id in the source Region. */
  server: "lifeboat:server",
  volume: "lifeboat:volume",
  device: "lifeboat:device",
  /** Source snapshot of a copy, and its StartTime: the copy's own VolumeId and StartTime mean nothing. */
  sourceSnapshot: "lifeboat:source-snapshot",
  sourceStartTime: "lifeboat:source-start-time",
  sourceRegion: "lifeboat:source-region",
  run: "lifeboat:run",
} as const;

/** Id of the recovery point that a pass opened at `openedAt` makes: `<resource>.<yyyymmddThhmmssZ>`. */
export const pointId = (resource: string, openedAt: Date) =>
  `${resource}.${openedAt.toISOString().replace(/[-:]|\.\d{3}/g, "")}`;

/** Image names are unique per account and Region, 3 to 128 characters: the name is the idempotency key of RegisterImage. */
export const imageName = (application: string, point: string, server: string) =>
  `lifeboat-${application}-${point}-${server}`;

/** RunInstances ClientToken (at most 64 ASCII characters) of one slot of one server of one run (invariant 5). */
export const launchToken = (runId: string, server: string, slot: string) =>
  createHash("sha256").update(`${runId}\n${server}\n${slot}`).digest("hex");

/** CreateNetworkAcl ClientToken of the deny-all ACL of a VPC (invariant 5); `fence` names application and generation. */
export const isolationToken = (fence: string, vpc: string) =>
  createHash("sha256").update(`isolation\n${fence}\n${vpc}`).digest("hex");

/** Key of user data (base64, as EC2 gives it) of a server: other text has another key, so that a kept point keeps its own. */
export const userDataKey = (server: string, text: string) =>
  `${server}.${createHash("sha256").update(`${server}\n${text}`).digest("hex").slice(0, 16)}`;

/** A name of at most `lengthMax` characters that stays its own: what had to be cut ends in a hash of the whole. */
export const fitName = (name: string, lengthMax: number) => {
  const clean = name.replace(/[^A-Za-z0-9_-]/g, "-");
  if (name.length <= lengthMax) return clean;
  const mark = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${clean.slice(0, lengthMax - mark.length - 1)}-${mark}`;
};
/** [SDK SFN: StartExecution], [SDK Scheduler: CreateSchedule] */
const executionNameMax = 80;
const scheduleNameMax = 64;

/** Execution name of the run of one incident: a second StartExecution with it is refused by Step Functions for 90 days. */
export const incidentRunName = (application: string, incident: string) =>
  fitName(`failover-${application}-${incident}`, executionNameMax);

/** The same of the one run that follows by itself when the first one ended on a passing fault. */
export const secondRunName = (application: string, incident: string) =>
  fitName(`failover-${application}-${incident}-again`, executionNameMax);

/** Schedule of one more evaluation: one a minute at most, in the group of the application. */
export const lookName = (application: string, at: string) => ({
  group: fitName(`lifeboat-${application}`, scheduleNameMax),
  name: fitName(`look-${application}-${at.slice(0, 16).replaceAll(":", "")}`, scheduleNameMax),
});

/** CreateSchedule ClientToken (at most 64 characters): an evaluation that is scheduled twice is one, and two never share it. */
export const scheduleToken = (group: string, name: string, at: string) =>
  createHash("sha256").update(`${group}\n${name}\n${at}`).digest("hex");

const wakePrefix = "wake-";
/** Execution name of a pass that an event of EBS starts: one a minute at most. */
export const wakeRunName = (application: string, now: Date) =>
  fitName(`${wakePrefix}${application}-${now.toISOString().slice(0, 16)}`, executionNameMax);
export const isWakeRun = (name: string) => name.startsWith(wakePrefix);

/** Execution name of an answer: the same one of the same person, given twice in a minute, is one. */
export const answerRunName = (
  application: string,
  answer: { run: string; approved: boolean; by: string },
  now: Date,
) => {
  const { run, approved, by } = answer;
  const mark = createHash("sha256")
    .update(JSON.stringify([run, approved, by]))
    .digest("hex")
    .slice(0, 12);
  const minute = now.toISOString().slice(0, 16).replace(/[-:]/g, "");
  return fitName(`answer-${application}-${minute}-${mark}`, executionNameMax);
};

export const takeoverAlarmName = (application: string) => `lifeboat-takeover-${application}`;

/** One datapoint for each look that came to its end; namespace and dimension are those of the switch. */
export const lookedMetric = "Looked";
/** Of all that the functions measure: a metric has the name of the service as a dimension, too. */
export const ownMetrics = { namespace: "Lifeboat", service: "lifeboat" } as const;

/** Takeover metric (design of the switch): one datapoint a minute, 1 = traffic belongs to the recovery Region. */
export const takeoverMetric = { namespace: "Lifeboat", name: "Takeover", dimension: "Application" } as const;

/** As a plan may name an application; nothing else is a key of the table. */
export const isApplicationName = (value: unknown): value is string =>
  typeof value === "string" && /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/.test(value);
