import { heldSeconds, type Vote } from "./evidence.ts";
import type { Detect, Witness } from "./plan.ts";
import { secondsSince } from "./witness.ts";

export type VerdictCode =
  | "Healthy"
  /** Enough witnesses say unhealthy, but not yet for long enough. */
  | "Degraded"
  | "RegionUnhealthy"
  /** Enough witnesses say unhealthy, but none that speaks for the Region: a bad release looks like this. */
  | "ApplicationUnhealthy"
  | "WitnessesDisagree"
  | "CannotTell";

export type Verdict = {
  code: VerdictCode;
  since: string;
  because: string;
  at: string;
  /** First failing evidence; null unless enough witnesses say unhealthy. */
  firstFailingAt: string | null;
};

/** Only these speak for the Region itself, not for the application in it. */
const isRegional = (witness: Witness, primary: string) => witness.kind === "api" && witness.region === primary;

/** Witnesses that look at the primary side; a probe of the recovery side has no vote on it. */
const isVoter = (witness: Witness) => witness.kind !== "probe" || witness.side === "primary";

type Case = {
  detect: Pick<Detect, "witnesses" | "verdict" | "action">;
  primary: string;
  votes: Record<string, Vote>;
  before: Verdict | null;
  now: Date;
};

/** What the witnesses say together: N of the M, so many of them regional, for long enough. */
export const judgeVotes = ({ detect, primary, votes, before, now }: Case): Verdict => {
  const voters = detect.witnesses.filter(isVoter);
  const seats = voters.flatMap((witness) => {
    const vote = votes[witness.name];
    return vote ? [{ name: witness.name, regional: isRegional(witness, primary), vote }] : [];
  });
  const red = seats.filter(({ vote }) => vote.state === "unhealthy");
  const green = seats.filter(({ vote }) => vote.state === "healthy").length;
  const unknown = voters.length - red.length - green;

  const { unhealthy: needed, sustainedSeconds } = detect.verdict;
  const regionalNeeded = Math.max(detect.verdict.regional, detect.action === "automatic" ? 1 : 0);
  const counts = `${red.length} of ${voters.length} witnesses ${red.length === 1 ? "is" : "are"} unhealthy`;
  const seen = red.length ? ` (${red.map(({ name, vote }) => `${name}: ${vote.because}`).join("; ")})` : "";
  const make = (code: VerdictCode, because: string, since?: string, firstFailingAt: string | null = null): Verdict => {
    const at = now.toISOString();
    return { code, because, at, since: since ?? (before?.code === code ? before.since : at), firstFailingAt };
  };

  const all = quorumSince(red, needed, 0);
  if (all !== null) {
    const regional = quorumSince(red, needed, regionalNeeded);
    const since = regional ?? all;
    const first = firstFailing(red, since, sustainedSeconds);
    const lasted = Math.floor(secondsSince(since, now));
    const rule = `${needed} needed${regionalNeeded ? `, ${regionalNeeded} of them regional` : ""}`;
    const text = `${counts}${seen} for ${lasted} s; ${rule} for ${sustainedSeconds} s`;
    if (lasted < sustainedSeconds) return make("Degraded", text, since, first);
    return make(regional === null ? "ApplicationUnhealthy" : "RegionUnhealthy", text, since, first);
  }
  if (red.length && green) return make("WitnessesDisagree", `${counts}${seen}; ${needed} needed`);
  if (red.length || !green || unknown >= needed)
    return make("CannotTell", `${counts}${seen}, ${unknown} cannot tell; ${needed} needed`);
  return make("Healthy", `${green} of ${voters.length} witnesses ${green === 1 ? "is" : "are"} healthy`);
};

type Seat = { regional: boolean; vote: Vote };

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
