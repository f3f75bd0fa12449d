import { each, type Rule } from "../schema/draft.ts";
import type { PlanPath } from "../values/problems.ts";
import { regionOfArn, regionOfZone } from "../values/values.ts";

export const regionsDiffer: Rule = ({ regions }, say) => {
  const { primary, recovery } = regions ?? {};
  if (!primary || !recovery) return;
  if (primary === recovery)
    say.problem(["regions", "recovery"], `another Region than the primary, ${primary}`, recovery);
  else if (partitionOf(primary) !== partitionOf(recovery))
    say.problem(["regions", "recovery"], `a Region of the same partition as ${primary}`, recovery);
};
/**
 * Each partition has a Route 53 of its own, with a control plane, health checks and names that Lifeboat does not know: it
 * would change records in us-east-1, which has no such zone. [R53: route-53-service-endpoints in cn-northwest-1, us-gov-west-1]
 */
export const partitionServed: Rule = ({ regions }, say) => {
  for (const role of ["primary", "recovery"] as const) {
    const region = regions?.[role];
    if (region && partitionOf(region) !== "aws")
      say.problem(
        ["regions", role],
        "a Region of the partition aws, as the Route 53 of others is controlled elsewhere",
        region,
      );
  }
};

/** `cn`, `us-gov` or `aws`. */
export const partitionOf = (region: string) => /^(cn|us-gov)-/.exec(region)?.[1] ?? "aws";

/** Everything that a recovery uses lies in the recovery Region (invariant 3). */
export const allInRecoveryRegion: Rule = ({ regions, protect }, say) => {
  const { recovery } = regions ?? {};
  if (!recovery || recovery === regions?.primary) return;
  const inRecovery = (value: string | undefined, path: PlanPath, what: string, of: typeof regionOfArn, at?: "key") => {
    const region = value === undefined ? null : of(value);
    if (region && region !== recovery)
      say.problem(path, `${what} in the recovery Region ${recovery}`, `one in ${region}`, at);
  };
  for (const [{ encrypt, launch }, index] of each(protect)) {
    const base = ["protect", index, "launch"];
    inRecovery(encrypt?.key, ["protect", index, "encrypt", "key"], "a key", regionOfArn);
    for (const zones of ["subnets", "drillSubnets"] as const)
      for (const zone of Object.keys(launch?.[zones] ?? {}))
        inRecovery(zone, [...base, zones, zone], "an Availability Zone", regionOfZone, "key");
    inRecovery(launch?.capacityReservation, [...base, "capacityReservation"], "a capacity reservation", regionOfArn);
    for (const [arn, at] of each(launch?.targetGroups))
      inRecovery(arn, [...base, "targetGroups", at], "a target group", regionOfArn);
  }
};

/**
 * An alarm tells topics of its own Region only [CW: AlarmThatSendsEmail], and Lifeboat has alarms in both: the guard, which
 * is all that is left to ring when the recovery Region is dark, in the primary one.
 */
export const topicsInBothRegions: Rule = ({ regions, notify }, say) => {
  const { primary, recovery } = regions ?? {};
  const { topics } = notify ?? {};
  if (!primary || !recovery || primary === recovery || !topics) return;
  const notified = new Set<string>();
  for (const [arn, at] of each(topics)) {
    const region = regionOfArn(arn);
    if (region === primary || region === recovery) notified.add(region);
    else if (region) say.problem(["notify", "topics", at], `a topic in ${primary} or ${recovery}`, `one in ${region}`);
  }
  const path: PlanPath = ["notify", "topics"];
  if (notified.size === 0) return;
  if (!notified.has(primary))
    say.warning(path, `no topic in the primary Region ${primary}: the alarms of its guard and its sensor reach nobody`);
  if (!notified.has(recovery))
    say.warning(path, `no topic in the recovery Region ${recovery}: the controller's alarms reach nobody`);
};

/** A Region lies in one partition: an ARN that names another one names nothing. [IAM: reference-arns] */
export const partitionsOfArns: Rule = ({ protect, notify }, say) => {
  const inItsPartition = (arn: string | undefined, path: PlanPath) => {
    const [, named = ""] = arn?.split(":") ?? [];
    const region = regionOfArn(arn ?? "");
    if (!region) return;
    const right = partitionOf(region) === "aws" ? "aws" : `aws-${partitionOf(region)}`;
    if (named !== right)
      say.problem(path, `an ARN that begins with arn:${right}:, as it names ${region}`, `arn:${named}:`);
  };
  for (const [{ encrypt, consistency, launch }, index] of each(protect)) {
    const base = ["protect", index];
    inItsPartition(encrypt?.key, [...base, "encrypt", "key"]);
    inItsPartition(launch?.capacityReservation, [...base, "launch", "capacityReservation"]);
    for (const [arn, at] of each(launch?.targetGroups)) inItsPartition(arn, [...base, "launch", "targetGroups", at]);
    for (const when of ["before", "after"] as const)
      inItsPartition(consistency?.[when], [...base, "consistency", when]);
  }
  for (const [arn, at] of each(notify?.topics)) inItsPartition(arn, ["notify", "topics", at]);
};

/** The servers run in the primary Region, and an SSM document is known in its own Region only. [SDK SSM: SendCommand] */
export const documentsInPrimaryRegion: Rule = ({ regions, protect }, say) => {
  const { primary } = regions ?? {};
  if (!primary) return;
  for (const [{ consistency }, index] of each(protect))
    for (const when of ["before", "after"] as const) {
      const region = regionOfArn(consistency?.[when] ?? "");
      if (region && region !== primary)
        say.problem(
          ["protect", index, "consistency", when],
          `a document in the primary Region ${primary}, where the servers run`,
          `one in ${region}`,
        );
    }
};
