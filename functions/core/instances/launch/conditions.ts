import type { Findings } from "../../findings.ts";
import type { Resource, Traffic } from "../../model/plan.ts";
import type { Run } from "../../model/run.ts";
import { plainUsage } from "../capture/image-capture.ts";
import { isPrivateAddress } from "./addresses.ts";
import { judgeNames } from "./judge-names.ts";
import { judgePlanned } from "./judge-settings.ts";
import { foreignKey, type KeyShape, keyProblem } from "./key-rules.ts";
import { tagsOf } from "./launch-request.ts";
import { type Subnet, subnetIdsOf } from "./placement.ts";
import type { Candidate, Placed } from "./preflight-rules.ts";

/** Elastic IP i belongs to server i. One that another instance has is never taken away; `own`: instances that this run uses or removes. */
export const judgeElasticIps = (
  resource: Resource,
  servers: number,
  existing: { id: string; instance: string | null; interface: string | null }[],
  own: Set<string>,
): Findings => {
  const { elasticIps } = resource.launch;
  const problemsWith = (ids: string[]) =>
    ids.flatMap((id) => {
      const found = existing.find((one) => one.id === id);
      if (!found) return [`${resource.name}: Elastic IP ${id} does not exist`];
      const holder = found.instance ?? found.interface;
      return holder && !own.has(found.instance ?? "")
        ? [`${resource.name}: Elastic IP ${id} is in use by ${holder}`]
        : [];
    });
  const without = servers - elasticIps.length;
  const warnings =
    elasticIps.length && without > 0 ? [`${resource.name}: ${without} of ${servers} servers get no Elastic IP`] : [];
  // for a server that the point does not have yet
  return {
    problems: problemsWith(elasticIps.slice(0, servers)),
    warnings: [...warnings, ...problemsWith(elasticIps.slice(servers))],
  };
};

/**
 * Users are led to the recovery addresses of the records, and the servers get the Elastic IPs. A plan whose records lead to none
 * of its Elastic IPs leads to other servers: of one that leads to some, the other addresses may be those of a standby.
 */
export const judgeRecoveryAddresses = (
  traffic: Traffic | null,
  resources: Resource[],
  existing: { address: string }[],
): Findings => {
  const own = existing.flatMap(({ address }) => address || []);
  if (own.length === 0 || !resources.some(({ launch }) => launch.elasticIps.length > 0)) return noFindings;
  const led = (traffic?.records ?? []).flatMap(({ type, private: isPrivate, recovery }) =>
    isPrivate || type !== "A" || !("addresses" in recovery)
      ? []
      : recovery.addresses.filter((address) => !isPrivateAddress(address)),
  );
  if (led.length === 0 || led.some((address) => own.includes(address))) return noFindings;
  const warning = `traffic: the A records lead to ${led.join(", ")}, the servers get ${own.join(", ")}: no Elastic IP of the plan is one of them`;
  return { problems: [], warnings: [warning] };
};
const noFindings: Findings = { problems: [], warnings: [] };

/** The plan's subnets: each exists, and in the zone that the plan names. */
export const judgeSubnets = ({ name, launch }: Resource, existing: Subnet[]): Findings => {
  const found: Findings = { problems: [], warnings: [] };
  const zones = new Map(Object.entries(launch.subnets).flatMap(([zone, ids]) => ids.map((id) => [id, zone] as const)));
  for (const id of subnetIdsOf(launch)) {
    const subnet = existing.find((one) => one.id === id);
    const zone = zones.get(id);
    if (!subnet) found.problems.push(`${name}: subnet ${id} does not exist`);
    else if (zone && zone !== subnet.zone)
      found.warnings.push(`${name}: subnet ${id} lies in ${subnet.zone}, not in ${zone}`);
  }
  return found;
};

/** The copies of a point, as EC2 has them now: state by snapshot id. */
export const judgeSnapshots = (candidates: Pick<Candidate, "manifest">[], states: Map<string, string>): Findings => ({
  problems: candidates.flatMap(({ manifest }) =>
    manifest.volumes.flatMap(({ device, snapshot }) => {
      const state = snapshot ? (states.get(snapshot) ?? "missing") : "completed";
      return state === "completed" ? [] : [`${manifest.name}: snapshot ${snapshot} of ${device} is ${state}`];
    }),
  ),
  warnings: [],
});

/**
 * The images of servers whose licence stands in them, as EC2 has them now, by id: nothing could replace one that is not
 * available. One that is billed as something else than its server is a warning.
 */
export const judgeImages = (
  candidates: Pick<Candidate, "manifest">[],
  images: Map<string, { state: string; usageOperation: string }>,
): Findings => {
  const found: Findings = { problems: [], warnings: [] };
  for (const { manifest } of candidates.filter(({ manifest }) => manifest.byImage && manifest.image)) {
    const { name, image, usageOperation = plainUsage } = manifest;
    const { state, ...now } = images.get(image ?? "") ?? { state: "missing", usageOperation };
    if (state !== "available") found.problems.push(`${name}: image ${image} is ${state}`);
    else if (now.usageOperation !== usageOperation)
      found.warnings.push(
        `${name}: image ${image} is billed as ${now.usageOperation}, the server as ${usageOperation}`,
      );
  }
  return found;
};

/**
 * A resource has at most 50 tags, those of the source come last; what the plan's launch leaves out of a server; and what
 * it says of servers that the point does not have.
 */
export const judgeLaunch = (run: Run, candidates: Candidate[]): Findings => ({
  problems: [],
  warnings: [
    ...[...Map.groupBy(candidates, ({ resource }) => resource)].flatMap(([resource, its]) =>
      judgeNames(
        resource,
        its.map(({ manifest: { name, volumes, excluded } }) => ({
          name,
          devices: [...volumes.map(({ device }) => device), ...(excluded?.devices ?? [])],
        })),
      ),
    ),
    ...unreadOf(candidates),
    ...candidates.flatMap(({ ref, resource, manifest }) => {
      const { tags, dropped, untagged } = tagsOf(run, ref, resource, manifest);
      return [
        ...(untagged.length ? [`${manifest.name}: too many tags, left out those of ${untagged.join(", ")} alone`] : []),
        ...(dropped.length ? [`${manifest.name}: too many tags, left out: ${dropped.join(", ")}`] : []),
        ...judgePlanned(manifest, resource.launch, Object.keys(tags)),
      ];
    }),
  ],
});

/** In one sentence: of a large resource they are read over many passes. */
const unreadOf = (candidates: Candidate[]): string[] => {
  const unread = candidates.filter(({ manifest: { settings } }) => settings && !settings.protections);
  const [first] = unread;
  if (!first) return [];
  const others = unread.length > 1 ? ` and ${unread.length - 1} more` : "";
  return [
    `${first.manifest.name}${others}: whether EC2 refuses to stop or to end it, and whether its own shutdown ends it, is not known yet`,
  ];
};

/** The account lets nothing start with IMDSv1: who had it comes up with IMDSv2 alone, or not at all where the plan insists. */
export const judgeMetadata = (region: string, candidates: Candidate[]): Findings => {
  const found: Findings = { problems: [], warnings: [] };
  for (const { resource, manifest } of candidates) {
    const planned = resource.launch.metadata?.tokens;
    if (!hasFirstMetadata({ resource, manifest })) continue;
    const because = `the account in ${region} lets no instance start with IMDSv1`;
    if (planned) found.problems.push(`${manifest.name}: ${because}, which launch.metadata.tokens asks for`);
    else found.warnings.push(`${manifest.name}: it comes up with IMDSv2 alone, as ${because}`);
  }
  return found;
};

/** Would it be launched with the first metadata service beside the second one? */
export const hasFirstMetadata = ({ resource: { launch }, manifest }: Pick<Candidate, "resource" | "manifest">) =>
  (launch.metadata?.endpoint ?? manifest.settings?.metadata.endpoint) !== "disabled" &&
  (launch.metadata?.tokens ?? manifest.metadataTokens) !== "required";

/** A record of IPv6 addresses that points at launched servers needs one server at least that gets one: checked before it is changed. */
export const judgeLaunchedAddresses = (traffic: Traffic | null, placed: Placed[]): Findings => ({
  problems: (traffic?.records ?? []).flatMap(({ name, type, recovery }) => {
    if (type !== "AAAA" || !("launched" in recovery)) return [];
    const its = placed.filter(({ candidate }) => candidate.resource.name === recovery.launched);
    const gets = ({ candidate, slot }: Placed) =>
      slot.ipv6 === true && (candidate.manifest.settings?.ipv6Addresses ?? []).length > 0;
    return its.length === 0 || its.some(gets)
      ? []
      : [
          `${name} AAAA: no server of ${recovery.launched} gets an IPv6 address: give its source one and the plan a subnet with IPv6`,
        ];
  }),
  warnings: [],
});

export const judgeTargetGroup = (resource: string, arn: string, found: { targetType: string } | null): string[] => {
  if (!found) return [`${resource}: target group ${arn} does not exist`];
  if (found.targetType === "instance") return [];
  return [`${resource}: target group ${arn} takes targets of type ${found.targetType}, not instances`];
};

/** `account`: the one that Lifeboat runs in, where that is known. */
export const judgeKey = (
  resource: string,
  key: string,
  region: string,
  found: KeyShape | null,
  account?: string,
): string[] => {
  const foreign = account ? foreignKey(key, account) : null;
  if (foreign) return [`${resource}: key ${key} ${foreign}`];
  if (!found) return [`${resource}: key ${key} does not exist in ${region}`];
  const problem = keyProblem(key, found);
  return problem ? [`${resource}: key ${key} ${problem}`] : [];
};
