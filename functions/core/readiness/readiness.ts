import { secondsSince } from "../clock/time.ts";
import type { Findings } from "../findings.ts";
import { limits } from "../limits.ts";
import { servesWhereProtected } from "../model/direction.ts";
import type { Plan, Resource } from "../model/plan.ts";
import type { Row } from "../model/row.ts";
import { atMost, cut } from "../payload.ts";
import { deniedText, type Proof, proofAgeSeconds } from "./proof.ts";

/** What became of the last test message to a topic: `because` is why it was not taken, null when it was. */
export type Tested = Record<string, { at: string; because: string | null }>;

/** Could an application fail over, as a readiness check found it. Times are ISO 8601, the rest are sentences. */
export type Readiness = {
  at: string;
  ready: boolean;
  /** A failover would be refused, would fail, or would move nobody. */
  problems: string[];
  /** What a new deployment has not yet, and gets by itself: its first point, its first proof, its test messages. */
  waiting: string[];
  warnings: string[];
  tested: Tested;
};

/** Findings of which some only have to be waited for. */
export type Ripening = Findings & { waiting: string[] };
const nothing = (): Ripening => ({ problems: [], waiting: [], warnings: [] });

/** The first points and the first proof of a new deployment are there by then, seconds; passes may be rarer. */
const youngSecondsMin = 10_800;
/** The check comes each hour: an older result means that it has stopped. */
export const readinessAgeSecondsMax = 3 * 3_600;
/** A proof comes each day, and an hour later when it fails or something looks ill. */
const unprovenSecondsMax = 27 * 3_600;

/** Was the plan deployed so lately that what it lacks may still come by itself? */
export const isYoung = ({ protect }: Pick<Plan, "protect">, since: string | null, now: Date): boolean => {
  const pass = Math.max(0, ...protect.map(({ everySeconds }) => everySeconds));
  return since !== null && secondsSince(since, now) < Math.max(youngSecondsMin, 2 * pass);
};

/** Nothing fails over that has moved already, or is about to. */
export const judgePlace = (plan: Pick<Plan, "regions">, row: Pick<Row, "active" | "lastRun">): Findings => {
  const problems: string[] = [];
  if (!servesWhereProtected(plan, row))
    problems.push(`it is served from ${row.active}, and has no protection against the loss of that Region`);
  if (row.lastRun?.unfinished) problems.push(`the move of ${row.lastRun.name} is not finished`);
  return { problems, warnings: [] };
};

/** What the daily proof of the rights found. An instance profile is known to IAM alone, which EC2 asks in its dry launch. */
export const judgeRights = (proof: Proof | null, young: boolean, now: Date): Ripening => {
  const found = nothing();
  const { at = null, denied = [], unknown = [] } = proof ?? {};
  const unproven = "the rights of a failover were not proven yet: the first proof comes an hour after deploy";
  if (!at) (young ? found.waiting : found.problems).push(unproven);
  const tried = `rights of a failover, tried at ${at}:`;
  found.problems.push(...denied.map((one) => `${tried} missing ${deniedText(one)}`));
  for (const one of unknown)
    if (/instance ?profile/i.test(one)) found.problems.push(`a dry launch at ${at} was refused: ${one}`);
    else found.warnings.push(`${tried} could not try ${one}`);
  const age = proofAgeSeconds(proof, now) ?? 0;
  if (at && denied.length === 0 && age > unprovenSecondsMax)
    found.problems.push(`the rights of a failover were last proven ${Math.floor(age / 3_600)} hours ago`);
  return found;
};

/** Does somebody hear what Lifeboat says? `tested`: what became of the test messages. */
export const judgeTested = (topics: string[], tested: Tested, young: boolean): Ripening => {
  const found = nothing();
  for (const topic of topics) {
    const test = tested[topic];
    if (test?.because) found.problems.push(`notify: topic ${topic} took no test message: ${test.because}`);
    else if (!test) (young ? found.waiting : found.problems).push(`notify: topic ${topic} had no test message yet`);
  }
  return found;
};

/** After each deployment, once a month, and as long as it fails: nobody wants a message a day that asks for nothing. */
const testAgainSeconds = 30 * 86_400;
export const isTestDue = (test: Tested[string] | undefined, since: string | null, now: Date): boolean =>
  !test || test.because !== null || test.at < (since ?? "") || secondsSince(test.at, now) > testAgainSeconds;

/** `servers`: how many the tags select in the source Region. */
export const judgeSelected = ({ name, select }: Resource, region: string, servers: number): Findings => {
  const tags = Object.entries(select.tags).map(([tag, value]) => `${tag}=${value}`);
  const missing = `${name}: no instance in ${region} has the tags ${tags.join(", ")}`;
  return { problems: servers === 0 ? [missing] : [], warnings: [] };
};

/** Every ARN of a plan that has to belong to the account in which Lifeboat runs, with what it is. */
export const arnsOf = ({ protect, notify }: Pick<Plan, "protect" | "notify">): { what: string; arn: string }[] => {
  const all = [
    ...protect.flatMap(({ name, encryptKey, consistency, launch }) => [
      { what: `${name}: key`, arn: encryptKey },
      { what: `${name}: document`, arn: consistency?.before },
      { what: `${name}: document`, arn: consistency?.after },
      { what: `${name}: capacity reservation`, arn: launch.capacityReservation },
      ...launch.targetGroups.map((arn) => ({ what: `${name}: target group`, arn })),
    ]),
    ...notify.topics.map((arn) => ({ what: "notify: topic", arn })),
  ];
  return all.flatMap(({ what, arn }) => (arn?.startsWith("arn:") ? [{ what, arn }] : []));
};

/** The roles reach what belongs to their own account, and nothing else. */
export const judgeAccounts = (plan: Pick<Plan, "protect" | "notify">, account: string): Findings => ({
  problems: arnsOf(plan).flatMap(({ what, arn }) => {
    const [, , , , owner = ""] = arn.split(":");
    return owner && owner !== account
      ? [`${what} ${arn} belongs to account ${owner}, not to ${account}, which Lifeboat runs in`]
      : [];
  }),
  warnings: [],
});

/** All that was found, each sentence once, as an item of the table has room for it: 400 KB. */
export const joinReadiness = (at: Date, all: (Findings | Ripening)[], tested: Tested): Readiness => {
  const of = (key: "problems" | "waiting" | "warnings") => [
    ...new Set(
      all.flatMap((one) => (one as Ripening)[key] ?? []).map((one) => cut(one, limits.sentenceCharacters / 4)),
    ),
  ];
  const [problems, waiting, warnings] = [of("problems"), of("waiting"), of("warnings")];
  const ready = problems.length === 0 && waiting.length === 0;
  return {
    at: at.toISOString(),
    ready,
    tested,
    problems: atMost(problems),
    waiting: atMost(waiting),
    warnings: atMost(warnings),
  };
};

/**
 * A readiness check that did not come to its end. What was sent is noted all the same, or each try would send it again.
 * `because`: why it failed, null for a passing fault, after which the last result stays. Null where there is nothing to note.
 */
export const failedCheck = (
  at: Date,
  last: Readiness | null,
  tested: Tested,
  because: string | null,
): Readiness | null =>
  because === null
    ? last && { ...last, tested }
    : joinReadiness(at, [{ problems: [`the readiness check failed: ${because}`], warnings: [] }], tested);

/** Why nobody may rely on a failover now, as far as the table knows; what is only waited for too. */
export const reasonsOf = (
  plan: Pick<Plan, "regions" | "protect">,
  row: Pick<Row, "active" | "lastRun"> | null,
  last: Readiness | null,
  since: string | null,
  now: Date,
): { problems: string[]; waiting: string[] } => {
  if (!row) return { problems: ["its deployment did not finish"], waiting: [] };
  const place = judgePlace(plan, row).problems;
  if (place.length > 0) return { problems: place, waiting: [] };
  const unseen = "readiness was not checked yet: it is checked each hour";
  if (!last)
    return isYoung(plan, since, now) ? { problems: [], waiting: [unseen] } : { problems: [unseen], waiting: [] };
  const age = secondsSince(last.at, now);
  if (age > readinessAgeSecondsMax)
    return {
      problems: [...last.problems, `readiness was not checked for ${Math.floor(age / 3_600)} hours`],
      waiting: [],
    };
  return { problems: last.problems, waiting: last.waiting };
};
