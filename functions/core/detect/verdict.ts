import { secondsSince } from "../clock/time.ts";
import type { Detect, Witness } from "../model/plan.ts";
import { own } from "../own.ts";
import { heldSeconds, type Vote } from "./vote.ts";

export type VerdictCode =
  | "Healthy"
  /** Enough witnesses say unhealthy, but not yet for long enough. */
  | "Degraded"
  | "RegionUnhealthy"
  /** Enough witnesses say unhealthy, but none that speaks for the Region: a bad release looks like this. */
  | "ApplicationUnhealthy"
  | "WitnessesDisagree"
  | "CannotTell";

/** What a verdict is on the dashboard: the metric `Verdict`. The higher, the nearer to a failover. */
export const verdictNumbers: Record<VerdictCode, number> = {
  Healthy: 0,
  CannotTell: 1,
  WitnessesDisagree: 2,
  Degraded: 3,
  ApplicationUnhealthy: 4,
  RegionUnhealthy: 5,
};

export type Verdict = {
  code: VerdictCode;
  since: string;
  because: string;
  at: string;
  /** First failing evidence; null unless enough witnesses say unhealthy. */
  firstFailingAt: string | null;
};

/** Only these speak for the Region itself, not for the application in it. */
const regionalKinds: Witness["kind"][] = ["api", "silence", "awsHealth"];
export const isRegional = (witness: Witness, primary: string) =>
  regionalKinds.includes(witness.kind) && "region" in witness && witness.region === primary;

/** Witnesses of the primary side; a probe of the recovery side has no vote on it. */
export const isVoter = (witness: Witness) => witness.kind !== "probe" || witness.side === "primary";

type Rules = Pick<Detect, "witnesses" | "verdict" | "action">;
type Case = {
  detect: Rules;
  primary: string;
  votes: Record<string, Vote>;
  before: Verdict | null;
  now: Date;
};

/** What the witnesses say together: N of the M, so many of them regional, for long enough. */
export const judgeVotes = ({ detect, primary, votes, before, now }: Case): Verdict => {
  const seats = seatsOf(detect, primary, votes);
  const { unhealthy: needed, sustainedSeconds } = detect.verdict;
  const [red, green, unknown] = (["unhealthy", "healthy", "cannot-tell"] as const).map((state) =>
    seats.filter(({ vote }) => vote.state === state),
  ) as [Seat[], Seat[], Seat[]];
  const who = describe(red, green, unknown);
  const make = (code: VerdictCode, because: string, since?: string, firstFailingAt: string | null = null): Verdict => {
    const at = now.toISOString();
    return { code, because, at, since: since ?? (before?.code === code ? before.since : at), firstFailingAt };
  };

  const all = quorumSince(red, needed, 0);
  if (all !== null) {
    const regionalNeeded = regionalOf(detect);
    const regional = quorumSince(red, needed, regionalNeeded);
    const since = regional ?? all;
    const first = firstFailing(red, since, sustainedSeconds);
    const lasted = Math.floor(secondsSince(since, now));
    const rule = `${needed} needed${regionalNeeded ? `, ${regionalNeeded} of them regional` : ""}`;
    const text = `${who.red} for ${lasted} s${who.others}; ${rule} for ${sustainedSeconds} s`;
    if (lasted < sustainedSeconds) return make("Degraded", text, since, first);
    return make(regional === null ? "ApplicationUnhealthy" : "RegionUnhealthy", text, since, first);
  }
  const unmet = `${who.red}${who.others}; ${needed} needed`;
  if (red.length && green.length) return make("WitnessesDisagree", unmet);
  if (red.length || !green.length || unknown.length >= needed) return make("CannotTell", unmet);
  return make("Healthy", who.green);
};

/** Whether enough red votes, and enough regional ones among them, stand against the primary Region, for however long. */
export const isAgainstRegion = (detect: Rules, primary: string, votes: Record<string, Vote>): boolean => {
  const red = seatsOf(detect, primary, votes).filter(({ vote }) => vote.state === "unhealthy");
  return quorumSince(red, detect.verdict.unhealthy, regionalOf(detect)) !== null;
};

/** Whether a witness that speaks for the primary Region says that it is ill. */
export const hasRegionalRed = (detect: Rules, primary: string, votes: Record<string, Vote>): boolean =>
  seatsOf(detect, primary, votes).some(({ regional, vote }) => regional && vote.state === "unhealthy");

type Seat = { name: string; regional: boolean; vote: Vote };

const unseen: Vote = {
  state: "cannot-tell",
  because: "never looked at",
  lastHealthyAt: null,
  at: "",
  since: "",
  checkedAt: "",
};

const seatsOf = ({ witnesses }: Rules, primary: string, votes: Record<string, Vote>): Seat[] =>
  witnesses.filter(isVoter).map((witness) => ({
    name: witness.name,
    regional: isRegional(witness, primary),
    vote: own(votes, witness.name) ?? unseen,
  }));

/** An automatic action needs a red regional witness, whatever the plan says; `approve` and `notify` obey it as written. */
export const regionalOf = ({ verdict, action }: Pick<Rules, "verdict" | "action">) =>
  Math.max(verdict.regional, action === "automatic" ? 1 : 0);

/** Who saw what, in words. */
const describe = (red: Seat[], green: Seat[], unknown: Seat[]) => {
  const count = red.length + green.length + unknown.length;
  const said = (seats: Seat[]) => seats.map(({ name, vote }) => `${name}: ${vote.because}`).join("; ");
  const names = (seats: Seat[]) => seats.map(({ name }) => name).join(", ");
  const are = (seats: Seat[]) => `${seats.length} of ${count} witnesses ${seats.length === 1 ? "is" : "are"}`;
  const unclear = unknown.length
    ? `; cannot tell: ${unknown.map(({ name, vote }) => `${name} (${vote.because})`).join(", ")}`
    : "";
  return {
    red: `${are(red)} unhealthy${red.length ? ` (${said(red)})` : ""}`,
    others: `${green.length ? `; healthy: ${names(green)}` : ""}${unclear}`,
    green: `${are(green)} healthy (${names(green)})${unclear}`,
  };
};

/** Since when, without a break, so many witnesses (and so many regional ones) say unhealthy; null when they do not. */
const quorumSince = (red: Seat[], needed: number, regionalNeeded: number): string | null => {
  let count = 0;
  let regional = 0;
  for (const seat of [...red].sort((a, b) => a.vote.since.localeCompare(b.vote.since))) {
    count += 1;
    regional += seat.regional ? 1 : 0;
    if (count >= needed && regional >= regionalNeeded) return seat.vote.since;
  }
  return null;
};

/** A witness that was red long before the others is a sick witness, not the beginning of this incident. */
const firstFailing = (red: Seat[], since: string, sustainedSeconds: number) =>
  red
    .map(({ vote }) => vote.since)
    .filter((time) => secondsSince(time, new Date(since)) <= heldSeconds(sustainedSeconds))
    .reduce((first, time) => (time < first ? time : first), since);
