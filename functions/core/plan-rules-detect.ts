import { type Draft, each, type Rule } from "./plan-draft.ts";

type DraftWitness = NonNullable<NonNullable<NonNullable<Draft["detect"]>["witnesses"]>[number]>;

/** Whether a witness can still say "unhealthy" of the primary while `dark` is dark. An alarm there is silent: cannot-tell. */
const canTell = (witness: DraftWitness, dark: string) => {
  if ("alarm" in witness) return "region" in witness && witness.region !== dark;
  if ("probe" in witness) return witness.probe?.side !== "recovery";
  return true;
};

/** Only an API probe of the primary tells that the Region itself is ill; a bad release reddens the others as well. */
const isRegional = (witness: DraftWitness, primary: string) => "api" in witness && witness.api === primary;

/** N of M stays reachable when the primary is dark, or us-east-1, on which much of the world depends. */
export const quorumIsReachable: Rule = ({ detect, regions }, say) => {
  const { primary, recovery } = regions ?? {};
  const needed = detect?.verdict?.unhealthy;
  if (!detect?.witnesses || !primary || needed === undefined) return;
  const witnesses = each(detect.witnesses).map(([witness]) => witness);
  if (witnesses.length < detect.witnesses.length) return;
  for (const dark of new Set([primary, "us-east-1"].filter((region) => region !== recovery))) {
    const left = witnesses.filter((witness) => canTell(witness, dark));
    if (left.length >= needed) continue;
    const names = left.map(({ name }) => name ?? "one").join(", ") || "none";
    const expected = `at most ${left.length}: the witnesses that can say unhealthy while ${dark} is dark are ${names}`;
    say.problem(["detect", "verdict", "unhealthy"], expected, String(needed));
    return;
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
    say.problem(path, "at least 1 with action automatic: a bad release is no failed Region", "0", at);
  else if (complete && regional < needed)
    say.problem(path, `at most ${regional}, the number of witnesses { api: ${primary} }`, String(needed), at);
};

/** A probe that follows the switched name would see the recovery side and call it the primary. */
export const probesSeeTheirSide: Rule = ({ detect, traffic }, say) => {
  const switched = each(traffic?.records).flatMap(([{ name }]) => (name ? dnsName(name) : []));
  for (const [witness, index] of each(detect?.witnesses)) {
    if (!("probe" in witness) || !witness.probe?.url || witness.probe.connect !== undefined) continue;
    const host = hostOf(witness.probe.url);
    if (host && switched.includes(dnsName(host)))
      say.problem(
        ["detect", "witnesses", index, "probe", "connect"],
        `an address of the ${witness.probe.side ?? "primary"} side, since ${host} is switched by traffic`,
        "nothing",
        "parent",
      );
  }
};

export const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : null);
export const dnsName = (name: string) => name.toLowerCase().replace(/\.$/, "");

export const somebodyWatches: Rule = (draft, say) => {
  if (draft.detect === undefined && draft.version !== undefined)
    say.warning(["detect"], "nothing watches this application: only a person starts a failover");
  if (draft.detect?.action === "notify" && !draft.notify?.topics?.length)
    say.warning(["detect", "action"], "notify tells nobody without notify.topics");
};
