import { nearestWord } from "../../nearest-word.ts";
import { type Draft, each, type Rule, type Say } from "../schema/draft.ts";
import type { PlanPath } from "../values/problems.ts";
import { isHostName, isIpv4, isIpv6, secondsOf } from "../values/values.ts";
import { dnsName } from "./detect.ts";

type DraftRecord = NonNullable<NonNullable<NonNullable<Draft["traffic"]>["records"]>[number]>;
type Side = "primary" | "recovery";

/** The addresses of a value that are written out, with their paths. */
const writtenOf = (record: DraftRecord, side: Side, base: PlanPath): [string, PlanPath][] => {
  const value = record[side];
  if (typeof value === "string") return [[value, [...base, side]]];
  return Array.isArray(value) ? each(value).map(([address, at]) => [address, [...base, side, at]]) : [];
};
const aliasOf = (record: DraftRecord, side: Side) => {
  const value = record[side];
  return typeof value === "object" && !Array.isArray(value) ? value.alias : undefined;
};

/** Addresses suit the type of their record; `launched:` names a resource that this switch can point at. */
export const valuesFitRecords: Rule = ({ traffic, protect }, say) => {
  for (const [record, index] of each(traffic?.records)) {
    const base = ["traffic", "records", index];
    for (const side of ["primary", "recovery"] as const) {
      for (const [address, path] of writtenOf(record, side, base))
        if (address.startsWith("launched:"))
          launchedFits(address.slice(9), side, path, { traffic, protect }, record, say);
        else addressFits(address, path, record.type, say);
      if (aliasOf(record, side) && record.type === "CNAME")
        say.problem([...base, side], "a host name: an alias has the type A or AAAA", "an alias for a CNAME");
    }
    if (record.type === "CNAME") oneName(record, base, say);
    policyFits(record, base, say);
  }
};

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-multivalue.html */
const policyFits = (record: DraftRecord, base: PlanPath, say: Say) => {
  if (record.policy === "simple" && record.setIdentifiers)
    say.problem(
      [...base, "setIdentifiers"],
      "no setIdentifiers with the policy simple: its one set has none",
      "them with simple",
      "key",
    );
  if (record.policy !== "multivalue") return;
  if (record.type === "CNAME")
    say.problem([...base, "policy"], "another policy: Route 53 has no multivalue CNAME", "multivalue with CNAME");
  for (const side of ["primary", "recovery"] as const)
    if (aliasOf(record, side))
      say.problem([...base, side], "addresses: Route 53 has no multivalue alias", "an alias with multivalue");
};

const addressFits = (address: string, path: PlanPath, type: DraftRecord["type"], say: Say) => {
  const got = JSON.stringify(address.slice(0, 64));
  const orAlias =
    /\.[a-z]/i.test(address) && isHostName(address) ? ", or { alias: { zone, name } } of a load balancer" : "";
  if (type === "A" && !isIpv4(address)) say.problem(path, `an IPv4 address such as 192.0.2.10${orAlias}`, got);
  if (type === "AAAA" && !isIpv6(address)) say.problem(path, `an IPv6 address such as 2001:db8::10${orAlias}`, got);
  if (type === "CNAME" && !isHostName(address)) say.problem(path, "a host name", got);
};

const oneName = (record: DraftRecord, base: PlanPath, say: Say) => {
  for (const side of ["primary", "recovery"] as const) {
    const value = record[side];
    if (Array.isArray(value) && value.length > 1)
      say.problem([...base, side], "one host name: a CNAME has one value", `a list of ${value.length} entries`);
  }
};

const launchedFits = (
  resource: string,
  side: Side,
  path: PlanPath,
  { traffic, protect }: Pick<Draft, "traffic" | "protect">,
  { type }: DraftRecord,
  say: Say,
) => {
  const names = each(protect).flatMap(([{ name }]) => name ?? []);
  const got = `launched:${resource}`;
  const by = traffic?.switch;
  if (by === "takeover" || by === "routing-control")
    say.problem(path, `an address that already exists: the switch ${by} changes no record`, got);
  else if (side === "primary") say.problem(path, "an address of the primary: launched: is for recovery", got);
  else if (type === "CNAME") say.problem(path, "the type A or AAAA with launched:", `${type} with ${got}`);
  else if (protect && names.length === protect.length && !names.includes(resource)) {
    const nearest = nearestWord(resource, names);
    say.problem(
      path,
      `launched: with the name of a resource: ${names.join(", ") || "none"}`,
      nearest ? `${got}; did you mean launched:${nearest}?` : got,
    );
  }
};

/** One record of a name and type; the two sides differ; the recovery side is not in the primary Region. */
export const recordsAreApart: Rule = ({ traffic, regions, objectives }, say) => {
  namesAndZonesFit(traffic, say);
  const seen = new Set<string>();
  for (const [record, index] of each(traffic?.records)) {
    const base = ["traffic", "records", index];
    const id = record.name && record.type && `${record.zone ?? traffic?.zone} ${record.type} ${dnsName(record.name)}`;
    if (id && seen.has(id))
      say.problem([...base, "name"], "each name and type once", `${record.name} ${record.type} again`);
    if (id) seen.add(id);
    sidesDiffer(record, base, say);
    const { name } = aliasOf(record, "recovery") ?? {};
    const { primary, recovery } = regions ?? {};
    if (name && primary && primary !== recovery && dnsName(name).includes(`.${primary}.`))
      say.problem(
        [...base, "recovery", "alias", "name"],
        `an alias in the recovery Region ${recovery}`,
        `one in ${primary}`,
      );
    if (record.ttl && objectives?.rto && record.ttl > secondsOf(objectives.rto))
      say.warning(
        [...base, "ttl"],
        `resolvers keep the old answer for ${record.ttl} s, longer than the rto of ${objectives.rto}`,
      );
  }
};

/** A CNAME shares its name with no other record [RFC 1034 3.6.2]; a zone is public or private, not both. */
const namesAndZonesFit = (traffic: Draft["traffic"], say: Say) => {
  const types = new Map<string, string>();
  const zones = new Map<string, boolean>();
  for (const [record, index] of each(traffic?.records)) {
    const base = ["traffic", "records", index];
    const { name, type } = record;
    const zone = record.zone ?? traffic?.zone;
    if (!zone) continue;
    const id = `${zone} ${name && dnsName(name)}`;
    const other = types.get(id);
    if (name && type && other && other !== type && [type, other].includes("CNAME"))
      say.problem([...base, "type"], `the CNAME of ${name} alone at its name`, `${type} beside ${other}`);
    if (name && type && !other) types.set(id, type);
    const before = zones.get(zone);
    const isPrivate = record.private ?? false;
    if (before !== undefined && before !== isPrivate)
      say.problem(
        [...base, "private"],
        `${before}, as the other records of zone ${zone}`,
        String(isPrivate),
        record.private === undefined ? "parent" : "value",
      );
    if (before === undefined) zones.set(zone, isPrivate);
  }
};

const sidesDiffer = (record: DraftRecord, base: PlanPath, say: Say) => {
  const primary = new Set(writtenOf(record, "primary", base).map(([address]) => address.toLowerCase()));
  for (const [address, path] of writtenOf(record, "recovery", base))
    if (primary.has(address.toLowerCase()))
      say.problem(path, "an address of the recovery side", `${address}, as in primary`);
  const [one, other] = [aliasOf(record, "primary")?.name, aliasOf(record, "recovery")?.name];
  if (one && other && dnsName(one) === dnsName(other))
    say.problem([...base, "recovery", "alias", "name"], "an alias of the recovery side", `${other}, as in primary`);
  const { primary: first, recovery: second } = record.setIdentifiers ?? {};
  if (first !== undefined && first === second)
    say.problem([...base, "setIdentifiers", "recovery"], "another set identifier than the primary's", first);
};
