import { plainUsage } from "./by-image.ts";
import { judgePlanned } from "./judge-settings.ts";
import { foreignKey, type KeyShape, keyProblem } from "./key-rules.ts";
import { tagsOf } from "./launch-request.ts";
import type { Resource } from "./plan.ts";
import type { Candidate, Findings, Placed } from "./preflight-rules.ts";
import type { Run } from "./run.ts";
import { type Subnet, subnetIdsOf } from "./slots.ts";
import type { InstanceType } from "./type-rules.ts";
import { minimumOf } from "./wave.ts";

/** Families that count against the quota of standard instances. [EC2:ec2-on-demand-instances] */
const standardFamily = /^(a|c|d|h|i|im|is|m|r|t|z)\d/;

/**
 * Does the quota leave enough vCPUs? Too few for the minimum of every resource is a problem; too few for all servers
 * is a warning. `running`: types of the On-Demand instances that run in the Region now.
 */
export const judgeQuota = (
  placed: Placed[],
  { quota, running, types }: { quota: number; running: string[]; types: InstanceType[] },
): Findings => {
  const vcpusOf = (type: string) =>
    standardFamily.test(type) ? (types.find(({ name }) => name === type)?.vcpus ?? 0) : 0;
  const used = sum(running.map(vcpusOf));
  const wanted = new Map<Resource, number[]>();
  for (const { candidate, slot } of placed)
    wanted.set(candidate.resource, [...(wanted.get(candidate.resource) ?? []), vcpusOf(slot.instanceType)]);
  const most = sum([...wanted.values()].flat());
  const least = sum([...wanted].map(([resource, vcpus]) => sum(smallest(vcpus, minimumOf(vcpus.length, resource)))));
  const left = quota - used;
  const sentence = (needed: number) =>
    `vCPU quota of standard instances: ${needed} needed, ${Math.max(left, 0)} left of ${quota}`;
  if (left < least) return { problems: [sentence(least)], warnings: [] };
  return { problems: [], warnings: left < most ? [`${sentence(most)}: not every server will start`] : [] };
};

/** Elastic IP i belongs to server i. One that another instance has is never taken away. */
export const judgeElasticIps = (
  resource: Resource,
  servers: number,
  existing: { id: string; instance: string | null; interface: string | null }[],
): Findings => {
  const { elasticIps } = resource.launch;
  const problems = elasticIps.slice(0, servers).flatMap((id) => {
    const found = existing.find((one) => one.id === id);
    if (!found) return [`${resource.name}: Elastic IP ${id} does not exist`];
    const holder = found.instance ?? found.interface;
    return holder ? [`${resource.name}: Elastic IP ${id} is in use by ${holder}`] : [];
  });
  const without = servers - elasticIps.length;
  const warnings =
    elasticIps.length && without > 0 ? [`${resource.name}: ${without} of ${servers} servers get no Elastic IP`] : [];
  return { problems, warnings };
};

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
export const judgeSnapshots = (candidates: Candidate[], states: Map<string, string>): Findings => ({
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
 * available. One that is billed as something else than its server is told.
 */
export const judgeImages = (
  candidates: Candidate[],
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

/** A resource has at most 50 tags, those of the source come last; and what the plan's launch leaves out of a server. */
export const judgeLaunch = (run: Run, candidates: Candidate[]): Findings => ({
  problems: [],
  warnings: candidates.flatMap(({ ref, resource, manifest }) => {
    const { tags, dropped } = tagsOf(run, ref, resource, manifest);
    return [
      ...(dropped.length ? [`${manifest.name}: too many tags, left out: ${dropped.join(", ")}`] : []),
      ...judgePlanned(manifest, resource.launch, Object.keys(tags)),
    ];
  }),
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

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

const smallest = (values: number[], count: number) => [...values].sort((a, b) => a - b).slice(0, count);
