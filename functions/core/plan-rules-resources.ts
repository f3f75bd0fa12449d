import { type Draft, each, eachKey, type Rule, type Say } from "./plan-draft.ts";
import { nearestWord, type PlanPath } from "./plan-problems.ts";
import { scheduleOf } from "./plan-schedule.ts";
import { regionOfArn, regionOfZone, secondsOf } from "./plan-values.ts";

/** The time that a copy is expected to take: the shortest duration that AWS offers for a time-based copy. [EBS:time-based-copies] */
const expectedCopySeconds = 900;

export const regionsDiffer: Rule = ({ regions }, say) => {
  const { primary, recovery } = regions ?? {};
  if (!primary || !recovery) return;
  if (primary === recovery)
    say.problem(["regions", "recovery"], `another Region than the primary, ${primary}`, recovery);
  else if (partitionOf(primary) !== partitionOf(recovery))
    say.problem(["regions", "recovery"], `a Region of the same partition as ${primary}`, recovery);
};
const partitionOf = (region: string) => /^(cn|us-gov)-/.exec(region)?.[1] ?? "aws";

export const somethingToMove: Rule = ({ protect, traffic }, say) => {
  if (protect?.length === 0 && traffic === undefined)
    say.problem(["protect"], "at least one resource, or traffic to move", "neither");
};

/** Names are unique: of resources, witnesses. */
export const namesAreUnique: Rule = ({ protect, detect }, say) => {
  unique(
    each(protect).map(([{ name }, index]) => [name, ["protect", index, "name"]]),
    "a resource name of its own",
    say,
  );
  unique(
    each(detect?.witnesses).map(([{ name }, index]) => [name, ["detect", "witnesses", index, "name"]]),
    "a witness name of its own",
    say,
  );
  unique(
    each(protect).map(([{ select }, index]) => {
      const tags = eachKey(select?.tags).map(([value, key]) => `${key}=${value}`);
      return [tags.length ? tags.sort().join(", ") : undefined, ["protect", index, "select", "tags"]];
    }),
    "a selection of its own, or two resources protect the same servers",
    say,
  );
  unique(
    each(protect).flatMap(([{ launch }, index]) =>
      each(launch?.elasticIps).map(([id, at]): Named => [id, ["protect", index, "launch", "elasticIps", at]]),
    ),
    "an Elastic IP that no other server has",
    say,
  );
  unique(
    each(protect).flatMap(([resource, index]) => addressesOf(resource, index)),
    "an address that no other server has",
    say,
  );
};

type Named = [value: string | undefined, path: PlanPath];
type DraftResource = NonNullable<NonNullable<Draft["protect"]>[number]>;

const addressesOf = ({ launch }: DraftResource, index: number): Named[] => {
  const { address } = launch ?? {};
  const fixed = typeof address === "object" ? eachKey(address) : [];
  return [
    ...fixed.map(([ip, server]): Named => [ip, ["protect", index, "launch", "address", server]]),
    ...eachKey(launch?.overrides).map(
      ([override, server]): Named => [override.address, ["protect", index, "launch", "overrides", server, "address"]],
    ),
  ];
};

const unique = (named: Named[], expected: string, say: Say) => {
  const seen = new Set<string>();
  for (const [value, path] of named) {
    if (value !== undefined && seen.has(value)) say.problem(path, expected, `${value} again`);
    if (value !== undefined) seen.add(value);
  }
};

/** Every resource in exactly one wave; nothing else in any. */
export const wavesCoverResources: Rule = ({ protect, recover }, say) => {
  const { waves } = recover ?? {};
  if (!waves || !protect) return;
  const names = each(protect).flatMap(([{ name }]) => name ?? []);
  const complete = names.length === protect.length;
  const seen = new Set<string>();
  for (const [wave, index] of each(waves))
    for (const [name, at] of each(wave)) {
      const path = ["recover", "waves", index, at];
      if (seen.has(name)) say.problem(path, "each resource in one wave", `${name} again`);
      else if (complete && !names.includes(name)) {
        const nearest = nearestWord(name, names);
        say.problem(
          path,
          `the name of a resource: ${names.join(", ") || "none"}`,
          nearest ? `${name}; did you mean ${nearest}?` : name,
        );
      }
      seen.add(name);
    }
  const left = [...new Set(names)].filter((name) => !seen.has(name));
  const isWhole = waves.every((wave) => wave?.every((name) => name !== undefined));
  if (isWhole && left.length)
    say.problem(["recover", "waves"], "every resource in one wave", `none with ${left.join(", ")}`);
};

/** Everything that a recovery uses lies in the recovery Region (law 3). */
export const allInRecoveryRegion: Rule = ({ regions, protect, notify }, say) => {
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
    for (const [arn, at] of each(launch?.targetGroups))
      inRecovery(arn, [...base, "targetGroups", at], "a target group", regionOfArn);
  }
  for (const [arn, at] of each(notify?.topics)) inRecovery(arn, ["notify", "topics", at], "a topic", regionOfArn);
};

/** A plan that keeps nothing would have nothing to recover from. */
export const somethingIsKept: Rule = ({ protect }, say) => {
  for (const [{ keep }, index] of each(protect))
    if (keep && Object.values(keep).every((count) => count === 0))
      say.problem(
        ["protect", index, "keep"],
        "at least one class above 0: hourly, daily, weekly, monthly or yearly",
        Object.keys(keep).length ? "0 in all" : "none",
      );
};

export const verifyHasItsWay: Rule = ({ protect }, say) => {
  for (const [{ verify, launch }, index] of each(protect)) {
    if (!launch) continue;
    const path = ["protect", index, "verify", "from"];
    if (verify?.from === "targetGroup" && !launch.targetGroups?.length)
      say.problem(
        path,
        "launch.targetGroups with at least one ARN, or another from",
        "targetGroup without target groups",
      );
    if (verify?.from === "public" && !launch.elasticIps?.length)
      say.warning(
        path,
        "servers without an Elastic IP answer from outside only if their subnet gives them a public address",
      );
  }
};

/** The worst age of a point, just before the next one is complete, against the objective. */
export const scheduleFitsRpo: Rule = ({ protect, objectives }, say) => {
  const { rpo } = objectives ?? {};
  if (!rpo) return;
  for (const [{ every }, index] of each(protect)) {
    const schedule = every === undefined ? null : scheduleOf(every);
    if (!schedule?.ok || schedule.longestSeconds + expectedCopySeconds <= secondsOf(rpo)) continue;
    const age = `${Math.ceil((schedule.longestSeconds + expectedCopySeconds) / 60)} minutes`;
    say.warning(
      ["protect", index, "every"],
      `points can get ${age} old (the longest interval and ${expectedCopySeconds / 60} minutes for the copy), above the rpo of ${rpo}`,
    );
  }
};

export const fenceCanBeProven: Rule = ({ recover, regions }, say) => {
  if (recover?.fence === "required")
    say.warning(
      ["recover", "fence"],
      `required: while ${regions?.primary ?? "the primary Region"} cannot be reached, nothing fails over, by itself or by hand`,
    );
};
