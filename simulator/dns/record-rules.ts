/** The rules by which Route 53 accepts or refuses a change batch. */

import { isIPv4, isIPv6 } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { Change, ResourceRecordSet } from "@aws-sdk/client-route-53";
import { AwsError, type World } from "../kernel.ts";
import { balancerNamed } from "../services/load-balancers.ts";
import { dotted, route53Of, type Zone } from "./zones.ts";

/** ResourceRecord elements in one batch; an UPSERT counts twice. [R53:DNSLimitations] */
const recordsMax = 1_000;

/** The sets of a zone after a batch: all of it or, with InvalidChangeBatch, nothing. [SDK Route53: ChangeResourceRecordSets] */
export const applyChanges = (
  world: World,
  zone: Zone,
  before: ResourceRecordSet[],
  changes: Change[],
): ResourceRecordSet[] => {
  const count = changes.reduce(
    (sum, { Action, ResourceRecordSet: set }) =>
      sum + (set?.ResourceRecords?.length ?? 1) * (Action === "UPSERT" ? 2 : 1),
    0,
  );
  if (changes.length === 0 || count > recordsMax) throw refused([`Number of records limit of ${recordsMax} exceeded.`]);
  const problems: string[] = [];
  const after = changes.reduce((sets, { Action, ResourceRecordSet: given }) => {
    const set = normal(given);
    const problem = problemOf(world, zone, set) ?? clash(sets, set, Action);
    if (problem) problems.push(`Tried to ${Action} ${said(set)} but ${problem}`);
    const others = sets.filter((other) => !isSame(other, set));
    return Action === "DELETE" ? others : [...others, set];
  }, before);
  problems.push(...unequalTtls(after, changes));
  if (problems.length) throw refused(problems);
  return after;
};

const refused = (messages: string[]) =>
  new AwsError("InvalidChangeBatch", `[${messages.join(", ")}]`, 400, { messages });

/** The fields of the routing policies; a set has one of them at most. [SDK Route53: ResourceRecordSet] */
const policies = [
  ...["Failover", "Weight", "Region", "GeoLocation", "MultiValueAnswer", "GeoProximityLocation"],
  "CidrRoutingConfig",
] as const;
const policiesOf = (set: ResourceRecordSet) =>
  policies.filter((field) => (set as unknown as Record<string, unknown>)[field] !== undefined);
const policyOf = (set: ResourceRecordSet) => policiesOf(set)[0] ?? "simple";

const normal = (set: ResourceRecordSet | undefined): ResourceRecordSet => {
  if (!set?.Name || !set.Type) throw new AwsError("InvalidInput", "A record set needs a name and a type");
  const known = [
    ...["Name", "Type", "TTL", "ResourceRecords", "AliasTarget", "SetIdentifier", "HealthCheckId"],
    ...policies,
  ];
  const strange = Object.entries(set).find(([name, value]) => value !== undefined && !known.includes(name));
  if (strange) throw new Error(`simulator/dns/record-rules.ts: ${strange[0]} is not simulated`);
  const given = Object.entries(structuredClone(set)).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(given) as ResourceRecordSet), Name: dotted(set.Name) };
};

const isSame = (a: ResourceRecordSet, b: ResourceRecordSet) =>
  a.Name === b.Name && a.Type === b.Type && a.SetIdentifier === b.SetIdentifier;

const said = ({ Name, Type, SetIdentifier }: ResourceRecordSet) =>
  `resource record set [name='${Name}', type='${Type}'${SetIdentifier ? `, set identifier='${SetIdentifier}'` : ""}]`;

/** What is wrong with a set by itself. */
const problemOf = (world: World, zone: Zone, set: ResourceRecordSet): string | null => {
  const { Name = "", Type, TTL, ResourceRecords, AliasTarget, SetIdentifier, HealthCheckId, Weight } = set;
  const target = AliasTarget && dotted(AliasTarget.DNSName ?? "");
  const targetExists =
    !target || balancerNamed(world, target) !== null || zone.sets.at(-1)!.value.some((other) => other.Name === target);
  if (Name !== zone.name && !Name.endsWith(`.${zone.name}`)) return `it is not permitted in zone ${zone.name}`;
  if (Boolean(AliasTarget) === Boolean(ResourceRecords?.length)) return "it needs either records or an alias target";
  if (AliasTarget && TTL !== undefined) return "an alias has no TTL";
  if (!AliasTarget && TTL === undefined) return "it has no TTL";
  if (!targetExists) return `the alias target ${target} was not found`;
  if (policiesOf(set).length > 1) return `it has more than one routing policy (${policiesOf(set).join(", ")})`;
  if ((policiesOf(set).length === 1) !== Boolean(SetIdentifier))
    return "a set identifier and a routing policy go together";
  if ((SetIdentifier?.length ?? 0) > 128) return "its set identifier is longer than 128 characters";
  if (Weight !== undefined && !(Number.isInteger(Weight) && Weight >= 0 && Weight <= 255))
    return `its weight ${Weight} is not from 0 to 255`;
  if (set.MultiValueAnswer && AliasTarget) return "a multivalue answer cannot be an alias";
  if (HealthCheckId && !route53Of(world).checks.has(HealthCheckId))
    return `health check ${HealthCheckId} does not exist`;
  if (Type === "CNAME" && Name === zone.name) return "a CNAME is not permitted at the apex";
  const isText = (value: string) => /^"[^"]*"$/.test(value);
  const isValid = Type === "A" ? isIPv4 : Type === "AAAA" ? isIPv6 : Type === "TXT" ? isText : () => true;
  const bad = ResourceRecords?.find(({ Value = "" }) => !isValid(Value));
  return bad ? `'${bad.Value}' is not a valid value` : null;
};

/** What is wrong with it among the others, change by change: so PRIMARY and SECONDARY cannot be swapped by UPSERT. */
const clash = (sets: ResourceRecordSet[], set: ResourceRecordSet, action: Change["Action"]): string | null => {
  const current = sets.find((other) => isSame(other, set));
  if (action === "DELETE") {
    if (!current) return "it was not found";
    return isDeepStrictEqual(sorted(current), sorted(set))
      ? null
      : "the values provided do not match the current values";
  }
  if (action === "CREATE" && current) return "it already exists";
  const others = sets.filter((other) => other.Name === set.Name && !isSame(other, set));
  const namesakes = others.filter((other) => other.Type === set.Type);
  if (namesakes.some((other) => policyOf(other) !== policyOf(set))) return "it mixes routing policies";
  if (namesakes.length >= groupMax) return `it would be one of more than ${groupMax} sets`;
  for (const field of ["Failover", "Region", "GeoLocation"] as const)
    if (set[field] && namesakes.some((other) => isDeepStrictEqual(other[field], set[field])))
      return `another set with ${field.toLowerCase()} ${JSON.stringify(set[field]).replaceAll('"', "")} exists`;
  const isCname = ({ Type }: ResourceRecordSet) => Type === "CNAME";
  return others.some((other) => isCname(other) !== isCname(set)) ? "a CNAME stands alone at its name" : null;
};

/** Sets of one policy, name and type. [R53:DNSLimitations] */
const groupMax = 100;

/** All weighted sets of a name and type have one TTL; judged at the end of the batch, as all of them may change in it. */
const unequalTtls = (after: ResourceRecordSet[], changes: Change[]): string[] => {
  const touched = changes.flatMap(({ ResourceRecordSet: set }) => (set?.Weight === undefined ? [] : [normal(set)]));
  return touched.flatMap((set) => {
    const group = after.filter(({ Name, Type }) => Name === set.Name && Type === set.Type);
    const ttls = new Set(group.flatMap(({ TTL }) => TTL ?? []));
    return ttls.size > 1 ? [`Tried to change ${said(set)} but its group has the TTLs ${[...ttls].join(" and ")}`] : [];
  });
};

const sorted = (set: ResourceRecordSet) => ({
  ...set,
  ...(set.ResourceRecords && { ResourceRecords: set.ResourceRecords.map(({ Value }) => Value).sort() }),
});
