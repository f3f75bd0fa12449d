import { isPrivateAddress } from "../../instances/launch/addresses.ts";
import { notARegion } from "../../region-names.ts";
import { balancerZones, regionOfBalancer, regionOfBalancerZone } from "../../traffic/load-balancer-zones.ts";
import { type Draft, each, eachKey, type Rule } from "../schema/draft.ts";
import type { PlanPath } from "../values/problems.ts";
import { secondsOf } from "../values/values.ts";

/** A Region that does not exist has the form of one: nothing but a list of them tells. */
export const regionsExist: Rule = ({ regions, detect }, say) => {
  const named: [string | null | undefined, PlanPath][] = [
    [regions?.primary, ["regions", "primary"]],
    [regions?.recovery, ["regions", "recovery"]],
    [detect?.control, ["detect", "control"]],
    ...each(detect?.witnesses).flatMap(([witness, index]): [string | undefined, PlanPath][] => {
      const path = ["detect", "witnesses", index];
      return [
        ...(["api", "silence", "region"] as const).map((key): [string | undefined, PlanPath] => [
          (witness as Record<string, string | undefined>)[key],
          [...path, key],
        ]),
        ["probe" in witness ? witness.probe?.from : undefined, [...path, "probe", "from"]],
      ];
    }),
  ];
  for (const [region, path] of named) {
    const wrong = region ? notARegion(region) : null;
    if (wrong) say.problem(path, wrong.expected, wrong.got);
  }
};

/** Lifeboat runs in one account and reaches nothing of another. */
export const arnsOfOneAccount: Rule = ({ protect, notify }, say) => {
  const arns: [string | undefined, PlanPath][] = [
    ...each(protect).flatMap(([{ encrypt, consistency, launch }, index]): [string | undefined, PlanPath][] => {
      const path = ["protect", index];
      return [
        [encrypt?.key, [...path, "encrypt", "key"]],
        [consistency?.before, [...path, "consistency", "before"]],
        [consistency?.after, [...path, "consistency", "after"]],
        [launch?.capacityReservation, [...path, "launch", "capacityReservation"]],
        ...each(launch?.targetGroups).map(([arn, at]): [string, PlanPath] => [
          arn,
          [...path, "launch", "targetGroups", at],
        ]),
      ];
    }),
    ...each(notify?.topics).map(([arn, at]): [string, PlanPath] => [arn, ["notify", "topics", at]]),
  ];
  let first: string | null = null;
  for (const [arn, path] of arns) {
    const account = arn?.startsWith("arn:") ? arn.split(":")[4] : "";
    if (!account) continue;
    first ??= account;
    if (account !== first) say.problem(path, `an ARN of account ${first}, as the others`, `one of ${account}`);
  }
};

/** An alias names the zone of its load balancer's own Region and kind; of another one Route 53 takes the change and answers nothing. */
export const aliasesFitTheirZone: Rule = ({ traffic, regions }, say) => {
  for (const [record, index] of each(traffic?.records))
    for (const side of ["primary", "recovery"] as const) {
      const { zone, name } = aliasOf(record[side]) ?? {};
      const region = name && regionOfBalancer(name);
      const known = region ? balancerZones(region) : null;
      const other = zone && regionOfBalancerZone(zone);
      // that the recovery side's alias lies in the primary Region is told already
      if (side === "recovery" && region === regions?.primary) continue;
      if (!zone || !region || !known || known.includes(zone) || !other) continue;
      const path = ["traffic", "records", index, side, "alias", "zone"];
      say.problem(
        path,
        `the zone of load balancers in ${region}: ${known[0]}, or ${known[1]} of a Network Load Balancer`,
        `${zone}, that of ${other}`,
      );
    }
};

/** Users who are led to a load balancer of the recovery side find nobody behind it when nothing is registered there. */
export const aliasesHaveTargets: Rule = ({ traffic, protect }, say) => {
  const all = each(protect).map(([{ launch }]) => launch?.targetGroups?.length ?? 0);
  if (all.length === 0 || all.some((count) => count > 0)) return;
  for (const [record, index] of each(traffic?.records)) {
    const name = aliasOf(record.recovery)?.name;
    if (name && regionOfBalancer(name))
      say.warning(
        ["traffic", "records", index, "recovery"],
        `no resource has launch.targetGroups: ${name} gets none of the launched servers`,
      );
  }
};

/** RFC 1918 and the shared range of carriers: such an address is that of a server, or of something that was made beforehand. */
/** A private address that no launched server is given: users would be led to nobody, unless it is there already. */
export const addressesAreLaunched: Rule = ({ traffic, protect }, say) => {
  const resources = each(protect).map(([resource]) => resource);
  if (resources.length === 0) return;
  const given = new Set<string>();
  for (const { launch } of resources) {
    if (launch?.address === "same-host-part") return;
    if (typeof launch?.address === "object") for (const [address] of eachKey(launch.address)) given.add(address);
    for (const [override] of eachKey(launch?.overrides)) if (override.address) given.add(override.address);
  }
  for (const [record, index] of each(traffic?.records))
    for (const [address, path] of addressesOf(record.recovery, ["traffic", "records", index, "recovery"]))
      if (isPrivateAddress(address) && !given.has(address))
        say.warning(
          path,
          `no launched server has the address ${address}: set it in launch.address if a launched server should have it`,
        );
};

/** At least so long, seconds: a server from its start to its first answer, and the metric of the switch. [CW:publishingMetrics] */
const [bootSeconds, metricSeconds] = [60, 60];

/** An rto below what the plan itself waits for cannot be met, whatever AWS does. */
export const rtoCanBeMet: Rule = ({ objectives, detect, protect, recover, traffic }, say) => {
  if (!objectives?.rto || !detect?.verdict) return;
  const rto = secondsOf(objectives.rto);
  const sustained = secondsOf(detect.verdict.sustained ?? "3m");
  const waves = recover?.boot === "together" ? 1 : Math.max(1, recover?.waves?.length ?? 1);
  const boot = each(protect).length > 0 ? waves * bootSeconds : 0;
  const moving = traffic?.switch === "takeover" ? metricSeconds : 0;
  // a ttl above the rto is told at its record
  const ttls = each(traffic?.records).flatMap(([record]) => (record.ttl && record.ttl <= rto ? record.ttl : []));
  const ttl = Math.max(0, ...ttls);
  const parts: [number, string][] = [
    [sustained, `detect.verdict.sustained of ${detect.verdict.sustained ?? "3m"}`],
    [boot, waves > 1 ? `the start of ${waves} waves` : "the start of the servers"],
    [moving, "the metric of the switch"],
    [ttl, "the ttl of the records"],
  ];
  const least = parts.reduce((sum, [seconds]) => sum + seconds, 0);
  const listed = parts.flatMap(([seconds, what]) => (seconds > 0 ? `${what} (${seconds} s)` : [])).join(", ");
  if (rto < least)
    say.warning(["objectives", "rto"], `${objectives.rto} cannot be met: ${listed} take at least ${least} s`);
  const within = detect.approval?.within ?? "30m";
  if (rto >= least && detect.action === "approve" && rto < least + secondsOf(within))
    say.warning(
      ["objectives", "rto"],
      `${objectives.rto} is missed when the approval comes late: detect.approval.within is ${within}, and the rest takes at least ${least} s`,
    );
};

const aliasOf = (value: Value) => (typeof value === "object" && !Array.isArray(value) ? value.alias : undefined);
const addressesOf = (value: Value, path: PlanPath): [string, PlanPath][] => {
  if (typeof value === "string") return [[value, path]];
  return Array.isArray(value) ? each(value).map(([address, at]) => [address, [...path, at]]) : [];
};
type Value = NonNullable<NonNullable<NonNullable<Draft["traffic"]>["records"]>[number]>["recovery"];
