import { secondsSince } from "../clock/time.ts";
import { fitName } from "../names.ts";
import { plain } from "../plain.ts";
import type { ReportedError } from "../run/outcome.ts";

/** What a role was found to be allowed, by trying. `action` is its IAM action, `because` what AWS said. */
export type Tried = {
  action: string;
  /** "" when the error that ended the proof does not say. */
  region: string;
  found: "allowed" | "denied" | "unknown";
  because: string;
};

/** The id of no instance. */
export const noServer = "i-00000000000000000";

/**
 * What a try with `noServer` says: the roles allow that one id beside what a run launched, which is told apart by its tag. No
 * proof launches a server, so the right for those is not tried, and may be missing where the one for that id is there.
 */
export const triedWithout = (tried: Tried, key: string): Tried[] =>
  tried.found === "allowed"
    ? [tried, { ...tried, found: "unknown", because: `not tried for launched servers (${key}): a proof launches none` }]
    : [tried];

/** What one step of a dry execution tried; an item of the table. */
export type StepProof = { step: string; run: string; at: string; tried: Tried[] };

export type Denied = { step: string } & Pick<Tried, "action" | "region" | "because">;

/** What is known of the rights of a failover of one application. Times are ISO 8601. */
export type Proof = {
  /** When the plan was deployed. */
  since: string;
  /** Start of the last proof that came to its end and was told, and its execution; null when there is none. */
  at: string | null;
  run: string | null;
  /** Start of the last one that found nothing denied. */
  provenAt: string | null;
  denied: Denied[];
  /** What could not be tried, a sentence each. */
  unknown: string[];
  /** The roles have changed since: what was found counts until the next one, which is due. */
  due?: true;
};

/** A plan that was just deployed. */
export const unproven = (since: string): Proof => ({
  since,
  at: null,
  run: null,
  provenAt: null,
  denied: [],
  unknown: [],
});

/** By then the first recovery points are there, without which nothing can be launched. */
const firstSeconds = 3_600;
const everySeconds = 86_400;

/** Whether the next proof is due; not before a time is noted, by the deployment or by the first look. */
export const isProofDue = (proof: Proof | null, now: Date): boolean => {
  if (!proof) return false;
  if (proof.due) return true;
  const [last, seconds] = proof.at ? [proof.at, everySeconds] : [proof.since, firstSeconds];
  return secondsSince(last, now) >= seconds;
};

/** Seconds since the rights were last proven whole, or since the plan was deployed; null when neither is known. */
export const proofAgeSeconds = (proof: Proof | null, now: Date): number | null => {
  const at = proof?.provenAt ?? proof?.since;
  return at ? Math.max(0, Math.round(secondsSince(at, now))) : null;
};

/** Execution name of a proof: one an hour at most, so that one that failed is tried again. */
export const proofRunName = (application: string, now: Date) =>
  fitName(`proof-${application}-${now.toISOString().slice(0, 13)}`, 80);

/** What AWS said, fit for a message: EC2 goes on with a thousand characters of its encoded reasons. */
export const sentenceOf = (text: string): string =>
  plain(text.replace(/Encoded authorization failure message:.*/s, "").trim()).slice(0, 500);

/** How AWS says that a caller may not do something: the names that its services have for it. */
const denials = /AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|not authorized to perform/;
export const isDenial = (text: string): boolean => denials.test(text);

/**
 * What the error that ended a dry execution says of the rights: the action that AWS's own sentence names. Null when it
 * is none of them: a passing fault, after which the next proof tries again.
 */
export const deniedBy = ({ name, message }: ReportedError): Tried | null => {
  if (!isDenial(`${name} ${message}`)) return null;
  const [, action = name] = /not authorized to perform:? ([\w-]+:\w+)/.exec(message) ?? [];
  return { action, region: "", found: "denied", because: sentenceOf(message) };
};

/** All that the steps of one proof found. */
export const judgeProof = (
  proof: Proof | null,
  run: { name: string; startedAt: string },
  steps: StepProof[],
): Proof => {
  const found = (what: Tried["found"]) =>
    steps.flatMap(({ step, tried }) =>
      tried
        .filter((one) => one.found === what)
        .map(({ action, region, because }) => ({ step, action, region, because })),
    );
  const [denied, unknown] = [found("denied"), found("unknown")];
  const { name, startedAt: at } = run;
  return {
    since: proof?.since ?? at,
    at,
    run: name,
    denied,
    provenAt: denied.length > 0 ? (proof?.provenAt ?? null) : at,
    unknown: [...new Set(unknown.map((one) => deniedText(one)))],
  };
};

/** `ec2:RunInstances in eu-central-1 (launch): what AWS said`; without a Region, AWS's own words say which role it was. */
export const deniedText = ({ step, action, region, because }: Denied): string =>
  `${action}${region ? ` in ${region} (${step})` : ""}: ${because}`;

/** To every topic, whatever `notify.on` says, with each proof that finds a right missing. */
export const deniedMessage = (application: string, home: string, { run, denied }: Pick<Proof, "run" | "denied">) => ({
  subject: `Lifeboat: ${application}: a failover lacks ${denied.length} right${denied.length === 1 ? "" : "s"}`,
  text: [
    `${run ?? "lifeboat-detect"} tried what a failover of ${application} does, and changed nothing. It would be refused:`,
    ...denied.map(
      (one) => `- ${one.region ? `role lifeboat-${one.step}-${home}` : "a role"} may not ${deniedText(one)}`,
    ),
    "Look at the role, at its permissions boundary, and at the service control policies of the organisation; npm run deploy repairs the role itself.",
    "This message comes each day until a proof finds nothing missing. To prove it at once, start the failover machine with",
    `{ "application": "${application}", "proof": true }.`,
    "",
  ].join("\n"),
});

/** A day, and an hour for the proof itself. */
export const proofAgeSecondsMax = 25 * 3_600;
