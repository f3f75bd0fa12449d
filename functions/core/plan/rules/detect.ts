import { healthBackup } from "../../detect/sensors.ts";
import { type Draft, each, type Rule } from "../schema/draft.ts";
import { cronOf } from "../values/schedule.ts";
import { secondsOf } from "../values/values.ts";
import { partitionOf } from "./regions.ts";

type DraftWitness = NonNullable<NonNullable<NonNullable<Draft["detect"]>["witnesses"]>[number]>;

/** The Region that a witness looks at as a whole, not at an application in it; undefined for other kinds. */
export const regionWatched = (witness: DraftWitness) => {
  if ("api" in witness) return witness.api;
  if ("silence" in witness) return witness.silence;
  return "awsHealth" in witness ? witness.region : undefined;
};

/** A bad release reddens alarms, health checks and probes; only these tell that the Region itself is ill. */
const isRegional = (witness: DraftWitness, primary: string) => regionWatched(witness) === primary;

/**
 * Whether a witness can say "unhealthy" of the primary while `dark` is dark. The alarm and the probes of a dark Region
 * are silent; a health check is read through DNS; AWS Health tells through a backup Region, unless that one is dark.
 */
const canTell = (witness: DraftWitness, primary: string, dark: string) => {
  if ("alarm" in witness) return "region" in witness && witness.region !== dark;
  if ("probe" in witness) return witness.probe?.side !== "recovery" && witness.probe?.from !== dark;
  if ("healthCheck" in witness) return true;
  if (!isRegional(witness, primary)) return false;
  const backup = healthBackup(primary);
  return "awsHealth" in witness ? backup !== dark && (backup !== null || primary !== dark) : true;
};

/** N of M, and so many of them regional, stay reachable when the primary is dark, or us-east-1, on which much of the world depends. */
export const quorumIsReachable: Rule = ({ detect, regions }, say) => {
  const { primary, recovery } = regions ?? {};
  if (!detect?.witnesses || !primary || !detect.verdict) return;
  const witnesses = each(detect.witnesses).map(([witness]) => witness);
  if (witnesses.length < detect.witnesses.length) return;
  const inAll = witnesses.filter((witness) => isRegional(witness, primary)).length;
  const darks = [...new Set([primary, "us-east-1"])].filter((region) => region !== recovery);
  for (const part of ["unhealthy", "regional"] as const) {
    const needed = detect.verdict[part] ?? (part === "regional" ? 1 : undefined);
    if (needed === undefined || (part === "regional" && inAll < needed)) continue;
    const [worst] = darks
      .map((dark) => {
        const left = witnesses.filter((witness) => canTell(witness, primary, dark));
        return { dark, able: part === "unhealthy" ? left : left.filter((witness) => isRegional(witness, primary)) };
      })
      .sort((a, b) => a.able.length - b.able.length);
    if (!worst || worst.able.length >= needed) continue;
    const { dark, able } = worst;
    const who = `the ${part === "regional" ? "regional " : ""}witnesses that can say unhealthy while ${dark} does not answer`;
    const names = able.map(({ name }) => name ?? "one").join(", ") || "none";
    const at = detect.verdict[part] === undefined ? "parent" : "value";
    say.problem(["detect", "verdict", part], `at most ${able.length}: ${who} are ${names}`, String(needed), at);
  }
};

export const regionalQuorumIsPossible: Rule = ({ detect, regions }, say) => {
  const { primary } = regions ?? {};
  if (!detect?.verdict || !detect.witnesses || !primary) return;
  const path = ["detect", "verdict", "regional"];
  const needed = detect.verdict.regional ?? 1;
  const at = detect.verdict.regional === undefined ? "parent" : "value";
  const witnesses = each(detect.witnesses);
  const regional = witnesses.filter(([witness]) => isRegional(witness, primary)).length;
  const complete = witnesses.length === detect.witnesses.length;
  if (detect.action === "automatic" && needed === 0)
    say.problem(path, "at least 1 with action automatic: a bad release is not a failed Region", "0", at);
  else if (complete && regional < needed)
    say.problem(
      path,
      `at most ${regional}, the number of witnesses api, silence or awsHealth of ${primary}`,
      String(needed),
      at,
    );
};

/** Whoever is cut off from both Regions must not ask one of them whether it is. */
export const controlIsElsewhere: Rule = ({ detect, regions }, say) => {
  const { primary, recovery } = regions ?? {};
  const control = detect?.control;
  if (!control || !primary || !recovery) return;
  const path = ["detect", "control"];
  if (control === primary || control === recovery) say.problem(path, "a third Region", control);
  else if (partitionOf(control) !== partitionOf(recovery))
    say.problem(path, `a Region of the same partition as ${recovery}`, control);
};

/** A probe that follows the switched name, or asks the other side, would call that side its own. */
export const probesSeeTheirSide: Rule = ({ detect, traffic }, say) => {
  const records = each(traffic?.records).map(([record]) => record);
  const switched = records.flatMap(({ name }) => (name ? dnsName(name) : []));
  for (const [witness, index] of each(detect?.witnesses)) {
    if (!("probe" in witness) || !witness.probe?.url) continue;
    const { url, connect, side = "primary" } = witness.probe;
    const asked = connect ?? hostOf(url);
    if (!asked) continue;
    const path = ["detect", "witnesses", index, "probe", "connect"];
    const at = connect === undefined ? "parent" : "value";
    const wanted = `an address of the ${side} side`;
    const wildcard = switched.find((name) => name.startsWith("*.") && dnsName(asked).endsWith(name.slice(1)));
    if (switched.includes(dnsName(asked)))
      say.problem(path, `${wanted}, since ${asked} is switched by traffic`, connect ?? "nothing", at);
    else if (isOtherSide(records, side, asked)) say.problem(path, wanted, `${asked} of the other side`, at);
    else if (wildcard)
      say.warning(path, `${asked} is switched by traffic with ${wildcard}, unless it has a record of its own`);
  }
};

type DraftRecord = NonNullable<NonNullable<NonNullable<Draft["traffic"]>["records"]>[number]>;

const isOtherSide = (records: DraftRecord[], side: "primary" | "recovery", asked: string) => {
  const has = (of: "primary" | "recovery") => records.some((record) => [record[of]].flat().includes(asked));
  return has(side === "primary" ? "recovery" : "primary") && !has(side);
};

export const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : null);
export const dnsName = (name: string) => name.toLowerCase().replace(/\.$/, "");

/** A window that lasts until the next one begins never ends. */
export const maintenanceEnds: Rule = ({ detect, timeZone }, say) => {
  for (const [window, index] of each(detect?.maintenance)) {
    const schedule = window.cron === undefined ? null : cronOf(window.cron, timeZone);
    if (!schedule?.ok || !window.for || secondsOf(window.for) < schedule.shortestSeconds) continue;
    const next = `${schedule.shortestSeconds / 60} minutes`;
    say.warning(
      ["detect", "maintenance", index, "for"],
      `${window.for}: the next window can begin after ${next}, before this one has ended, so no run ever starts automatically`,
    );
  }
};

export const somebodyWatches: Rule = (draft, say) => {
  if (draft.detect === undefined && draft.version !== undefined)
    say.warning(["detect"], "no witness: only a person can start a failover");
  const { topics, on } = draft.notify ?? {};
  const path = ["detect", "action"];
  if (draft.detect?.action === "notify" && !topics?.length)
    say.warning(path, "notify reaches nobody without notify.topics");
  else if (draft.detect?.action === "notify" && on && !on.includes("decision"))
    say.warning(path, "notify reaches nobody: notify.on leaves out decision");
  if (draft.detect?.action === "approve" && !topics?.length)
    say.warning(path, "without notify.topics nobody gets the approval request: a person has to find it");
  if (draft.detect?.action === "automatic" && !topics?.length)
    say.warning(path, "decisions and alarms reach nobody without notify.topics");
};
