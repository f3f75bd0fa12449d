import { checkAlarmName } from "../../detect/sensors.ts";
import { own } from "../../own.ts";
import { type Draft, each, type Rule, type Say } from "../schema/draft.ts";
import { healthTexts } from "../schema/health-text.ts";
import { regionWatched } from "./detect.ts";
import { partitionOf } from "./regions.ts";

type DraftWitness = NonNullable<NonNullable<NonNullable<Draft["detect"]>["witnesses"]>[number]>;

/** A Region's own trouble is a reason to leave it, not to move into it. */
export const witnessesSpeakOfPrimary: Rule = ({ detect, regions }, say) => {
  const { primary, recovery } = regions ?? {};
  for (const [witness, index] of each(detect?.witnesses)) {
    const watched = regionWatched(witness);
    if (!watched || !primary || watched === primary) continue;
    const key = "api" in witness ? "api" : "silence" in witness ? "silence" : "region";
    const path = ["detect", "witnesses", index, key];
    if (watched === recovery)
      say.problem(
        path,
        `the primary Region ${primary}: an unhealthy recovery Region is no reason to move there`,
        watched,
      );
    else say.warning(path, `watches ${watched}, not the primary ${primary}: its vote is not regional`);
  }
};

export const probesAreWhole: Rule = ({ detect, regions }, say) => {
  const { primary, recovery } = regions ?? {};
  for (const [witness, index] of each(detect?.witnesses)) {
    if (!("probe" in witness) || !witness.probe) continue;
    const path = ["detect", "witnesses", index, "probe"];
    const { url, from } = witness.probe;
    if (url?.startsWith("tcp:"))
      for (const key of ["expect", "contains"] as const)
        if (witness.probe[key] !== undefined)
          say.problem([...path, key], `no ${key} with tcp://: such a probe only opens a connection`, key, "key");
    if (!from || !primary || !recovery) continue;
    if (from === primary || from === recovery)
      say.problem(
        [...path, "from"],
        from === primary
          ? "a third Region, which still works when the primary has failed"
          : "a third Region, or no from",
        from === primary ? `the primary, ${from}` : `the recovery Region ${from}, which probes anyway`,
      );
    else if (partitionOf(from) !== partitionOf(recovery))
      say.problem([...path, "from"], `a Region of the same partition as ${recovery}`, from);
  }
};

/** A health check is read through a TXT pair beside the first record of `traffic`, by the public DNS. */
export const healthChecksCanBeRead: Rule = ({ application, detect, traffic }, say) => {
  const texts = healthTexts(application ?? "application", detect?.witnesses, traffic);
  const records = each(traffic?.records);
  const complete = traffic?.records !== undefined && records.length === traffic.records.length;
  const isHome = (zone: string | undefined) => zone === undefined || zone === traffic?.zone;
  const home = records.find(([{ zone }]) => isHome(zone))?.[0];
  for (const [witness, index] of each(detect?.witnesses)) {
    if (!("healthCheck" in witness)) continue;
    const path = ["detect", "witnesses", index];
    const read = "it is read through a TXT pair there";
    if (!traffic) say.problem([...path, "healthCheck"], `traffic with a zone: ${read}`, "a plan without traffic");
    else if (!home && complete)
      say.problem([...path, "healthCheck"], `a record in the zone of traffic: ${read}`, "records of other zones only");
    else if (home?.private)
      say.problem([...path, "healthCheck"], `a public zone of traffic: ${read}, by the public DNS`, "a private one");
    if (witness.healthCheck && witness.healthCheck === traffic?.healthCheck)
      say.problem([...path, "healthCheck"], "another check than the one that moves the traffic", witness.healthCheck);
    nameFits(own(texts, witness.name ?? ""), [...path, "name"], say);
  }
};

/** Bounds of DNS: 63 bytes a label, 253 a name. */
const nameFits = (text: string | undefined, path: (string | number)[], say: Say) => {
  const label = text?.split(".")[0] ?? "";
  const over = Math.max(label.length - 63, (text?.length ?? 0) - 253);
  if (over > 0)
    say.problem(path, `a name that is ${over} shorter: ${label}… is too long for DNS`, `${label.length} characters`);
};

/** An event pattern holds 2,048 characters, what is not names included. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const namesMax = 1_600;

/** One pattern names the alarms of all witnesses, those of health checks included. */
export const alarmsFitAPattern: Rule = ({ application, detect }, say) => {
  const names = each(detect?.witnesses).flatMap(([witness]) => {
    if ("healthCheck" in witness) return [checkAlarmName(application ?? "", witness.name ?? "")];
    return "alarm" in witness && witness.alarm ? [witness.alarm] : [];
  });
  const length = [...new Set(names)].reduce((sum, name) => sum + JSON.stringify(name).length + 1, 0);
  if (length > namesMax)
    say.problem(
      ["detect", "witnesses"],
      `alarm names of at most ${namesMax} characters in total, the limit of one event pattern`,
      `${length} characters`,
    );
};

/** Two votes of one fact would make a quorum of it. */
export const witnessesAreApart: Rule = ({ detect }, say) => {
  const seen = new Map<string, string>();
  for (const [witness, index] of each(detect?.witnesses)) {
    const facts = factsOf(witness).map((fact) => JSON.stringify(fact));
    const other = facts.map((fact) => seen.get(fact)).find((name) => name !== undefined);
    if (other !== undefined)
      say.problem(
        ["detect", "witnesses", index],
        "its own signal: one signal must not have two votes",
        `the same signal as ${other}`,
      );
    for (const fact of facts) if (!seen.has(fact)) seen.set(fact, witness.name ?? "another one");
  }
};

/** What a witness looks at, in whatever order and spelling it was written; nothing of what the schema refused. */
const factsOf = (witness: DraftWitness): unknown[][] => {
  const isWhole = (fact: unknown[]) => !fact.includes(undefined);
  if ("probe" in witness) {
    const { url, connect, from } = witness.probe ?? {};
    return url ? [["probe", URL.canParse(url) ? new URL(url).href : url, connect ?? null, from ?? null]] : [];
  }
  if ("awsHealth" in witness)
    return each(witness.awsHealth)
      .map(([service]) => ["awsHealth", service, witness.region])
      .filter(isWhole);
  const { alarm, region, healthCheck, api, silence } = witness as Record<string, unknown>;
  return [
    ["alarm", alarm, region],
    ["healthCheck", healthCheck],
    ["api", api],
    ["silence", silence],
  ].filter(isWhole);
};
