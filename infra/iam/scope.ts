import { bothRegions, launchedOf } from "../../functions/core/model/direction.ts";
import type { Plan, Resource } from "../../functions/core/model/plan.ts";

/**
 * What plans name in AWS, which is all that the roles of their controller may touch. Plain data: the table of a controller
 * holds one of each application that it serves. Lists are sorted, without duplicates.
 */
export type Scope = {
  /** Primary and recovery Regions. */
  regions: string[];
  /** Regions that detect asks about alarms and zones. */
  watched: string[];
  /** Tags by which resources select their servers, a set each. */
  selections: Record<string, string>[];
  /** Hosted zones whose records are read; `changed`: those whose records a run changes. */
  zones: string[];
  changed: string[];
  /** ARNs. */
  topics: string[];
  controls: string[];
  targetGroups: string[];
  /** Elastic IPs, as `<Region>/<allocation id>`. */
  addresses: string[];
  /** SSM documents of `consistency`: names, or ARNs of those that others share. */
  documents: string[];
  /** Whether launched servers run lines that ask them how they do. */
  probes: boolean;
  /** Roles that a launched server may have: names with their path, a star at the end for all that begin so. */
  instanceRoles: string[];
  /** Longest lock of a snapshot, days; 0: none. */
  lockDays: number;
};

/** Of one plan; `instanceRoles` it does not name: they stand in the instance profiles. */
export const scopeOf = (plan: Plan, instanceRoles: string[] = []): Scope => {
  const { regions, detect, traffic, protect, notify } = plan;
  const records = traffic?.records ?? [];
  const both = bothRegions({ regions });
  const asked = detect.witnesses.flatMap((witness) =>
    witness.kind === "alarm" || witness.kind === "api" ? [witness.region] : [],
  );
  return tidied({
    regions: both,
    watched: [...both, ...asked, ...(detect.control ? [detect.control] : [])],
    selections: protect.map(({ select }) => select.tags),
    zones: [...records.map(({ zone }) => zone), ...(traffic ? [traffic.zone] : [])],
    changed: traffic?.switch === "records" ? records.map(({ zone }) => zone) : [],
    topics: notify.topics,
    controls: records.flatMap(({ routingControls }) => Object.values(routingControls ?? {})),
    targetGroups: protect.flatMap(({ launch }) => launch.targetGroups),
    addresses: protect.flatMap(({ launch }) => launch.elasticIps.map((id) => `${launchedOf({ regions })}/${id}`)),
    documents: protect.flatMap(documentsOf),
    probes: protect.some(({ verify }) => verify?.from === "ssm") || records.some((record) => record.private),
    instanceRoles,
    lockDays: Math.max(0, ...protect.map(({ lockSeconds }) => Math.ceil(lockSeconds / 86_400))),
  });
};

/** All that any of them names. */
export const joined = (scopes: Scope[]): Scope =>
  tidied({
    regions: scopes.flatMap(({ regions }) => regions),
    watched: scopes.flatMap(({ watched }) => watched),
    selections: scopes.flatMap(({ selections }) => selections),
    zones: scopes.flatMap(({ zones }) => zones),
    changed: scopes.flatMap(({ changed }) => changed),
    topics: scopes.flatMap(({ topics }) => topics),
    controls: scopes.flatMap(({ controls }) => controls),
    targetGroups: scopes.flatMap(({ targetGroups }) => targetGroups),
    addresses: scopes.flatMap(({ addresses }) => addresses),
    documents: scopes.flatMap(({ documents }) => documents),
    probes: scopes.some(({ probes }) => probes),
    instanceRoles: scopes.flatMap(({ instanceRoles }) => instanceRoles),
    lockDays: Math.max(0, ...scopes.map(({ lockDays }) => lockDays)),
  });

/** Whether one names all that the other does. */
export const reaches = (one: Scope, other: Scope): boolean =>
  JSON.stringify(joined([one, other])) === JSON.stringify(joined([one]));

/** A plan that uses all that there is: its roles have every right that a role of ours can have. */
export const widest: Scope = {
  regions: ["eu-central-1", "eu-west-1"],
  watched: ["eu-central-1", "eu-west-1", "us-east-1"],
  selections: [{ App: "web-shop" }],
  zones: ["Z0123456789ABCDEFGHIJ"],
  changed: ["Z0123456789ABCDEFGHIJ"],
  topics: ["arn:aws:sns:eu-central-1:111122223333:lifeboat"],
  controls: [
    "arn:aws:route53-recovery-control::111122223333:controlpanel/0123456789abcdef/routingcontrol/0123456789ab",
  ],
  targetGroups: ["arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web/0123456789abcdef"],
  addresses: ["eu-central-1/eipalloc-0123456789abcdef0"],
  documents: ["quiesce"],
  probes: true,
  instanceRoles: ["web"],
  lockDays: 7,
};

/** One that runs lines of its caller is none that makes an application consistent: it wants to be told the lines. */
const documentsOf = ({ consistency }: Resource) =>
  consistency ? [consistency.before, consistency.after].filter((name) => !/^AWS-Run/.test(name)) : [];

const tidied = ({ probes, lockDays, selections, ...lists }: Scope): Scope => ({
  ...(Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, [...new Set(list)].sort()]),
  ) as unknown as Omit<Scope, "probes" | "lockDays" | "selections">),
  selections: [...new Map(selections.map((tags) => [JSON.stringify(Object.entries(tags).sort()), tags])).values()],
  probes,
  lockDays,
});
