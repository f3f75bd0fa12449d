import { describeElasticIps } from "../../aws/addresses.ts";
import { describeTargetGroup } from "../../aws/elastic-load-balancing.ts";
import { codeOf } from "../../aws/errors.ts";
import { describeInstanceTypes, describeOfferings } from "../../aws/instance-types.ts";
import { describeInstances } from "../../aws/instances.ts";
import { describeKey } from "../../aws/kms.ts";
import { describeSecurityGroups } from "../../aws/security-groups.ts";
import { standardVcpuQuota } from "../../aws/service-quotas.ts";
import { listSnapshots } from "../../aws/snapshots.ts";
import { wholeImages } from "../../aws/source-images.ts";
import { describeSubnets, usedAddresses } from "../../aws/subnets.ts";
import {
  judgeElasticIps,
  judgeImages,
  judgeKey,
  judgeLaunch,
  judgeQuota,
  judgeSnapshots,
  judgeSubnets,
  judgeTargetGroup,
} from "../../core/conditions.ts";
import { foreignKey, keyWarning } from "../../core/key-rules.ts";
import { groupIdsOf, judgeSecurityGroups, judgeTargetGroupVpc } from "../../core/network-rules.ts";
import type { Resource } from "../../core/plan.ts";
import { type Candidate, type Findings, placeServers } from "../../core/preflight-rules.ts";
import type { Run } from "../../core/run.ts";
import { type Subnet, settingsOf, subnetIdsOf } from "../../core/slots.ts";
import type { Context } from "../../runtime/context.ts";

/**
 * Everything that the launches of these servers need of the recovery Region, read in a few batched calls however many
 * servers there are. What only warns (quota, key) may fail to answer; what a launch itself needs may not.
 */
export const checkConditions = async (
  context: Context,
  run: Run,
  resources: Resource[],
  candidates: Candidate[],
): Promise<Findings> => {
  const { clients } = context;
  const region = run.target;
  const ids = distinct(resources.flatMap(({ launch }) => subnetIdsOf(launch)));
  const wanted = distinct(
    candidates.flatMap(({ resource, manifest }) => settingsOf(resource.launch, manifest).instanceTypes),
  );
  const groups = groupIdsOf(resources);
  const [subnets, securityGroups, used, offered, running, snapshots, images] = await Promise.all([
    ids.length ? describeSubnets(clients, region, ids) : [],
    groups.length ? describeSecurityGroups(clients, region, groups) : [],
    ids.length ? usedAddresses(clients, region, ids) : [],
    describeOfferings(clients, region, wanted),
    runningTypes(context, region),
    snapshotStates(context, region, candidates),
    imageStates(context, region, candidates),
  ]);
  const types = await describeInstanceTypes(clients, region, distinct([...wanted, ...running]));
  const { placed, ...placement } = placeServers(candidates, run, { subnets, types, offered, used });
  const perResource = resources.map((resource) =>
    checkResource(context, run, resource, { servers: countOf(resource, candidates), subnets }),
  );
  return joined([
    ...resources.map((resource) => judgeSubnets(resource, subnets)),
    ...resources.map((resource) => problemsOnly(judgeSecurityGroups(resource, region, securityGroups, subnets))),
    judgeSnapshots(candidates, snapshots),
    judgeImages(candidates, images),
    judgeLaunch(run, candidates),
    placement,
    await optional("vCPU quota of standard instances", async () => {
      const quota = await standardVcpuQuota(clients, region);
      return quota === null
        ? unread("vCPU quota of standard instances")
        : judgeQuota(placed, { quota, running, types });
    }),
    ...(await Promise.all(perResource)),
  ]);
};

export const joined = (all: Findings[]): Findings => ({
  problems: all.flatMap(({ problems }) => problems),
  warnings: all.flatMap(({ warnings }) => warnings),
});

/** A check whose reading may fail: then it warns. */
export const optional = async (what: string, check: () => Promise<Findings>): Promise<Findings> => {
  try {
    return await check();
  } catch (error) {
    return unread(`${what} (${codeOf(error)})`);
  }
};

const problemsOnly = (problems: string[]): Findings => ({ problems, warnings: [] });

const unread = (what: string): Findings => ({ problems: [], warnings: [`${what} could not be checked`] });

const checkResource = async (
  { clients }: Context,
  { id, target: region }: Run,
  resource: Resource,
  { servers, subnets }: { servers: number; subnets: Subnet[] },
): Promise<Findings> => {
  const { elasticIps, targetGroups } = resource.launch;
  const groups = targetGroups.map(async (arn) => {
    const found = await describeTargetGroup(clients, region, arn);
    return [
      ...judgeTargetGroup(resource.name, arn, found),
      ...(found ? judgeTargetGroupVpc(resource, found, subnets) : []),
    ];
  });
  const existing = elasticIps.length ? await describeElasticIps(clients, region, elasticIps) : [];
  const key = resource.encryptKey;
  return joined([
    problemsOnly((await Promise.all(groups)).flat()),
    judgeElasticIps(resource, servers, existing),
    ...(key
      ? [
          await optional(`${resource.name}: key ${key}`, () =>
            checkKey(clients, region, resource.name, key, id.split(":")[4]),
          ),
        ]
      : []),
  ]);
};

const checkKey = async (
  clients: Context["clients"],
  region: string,
  resource: string,
  key: string,
  account: string | undefined,
): Promise<Findings> => {
  if (account && foreignKey(key, account))
    return { problems: judgeKey(resource, key, region, null, account), warnings: [] };
  const found = await describeKey(clients, region, key).catch((error: unknown) => {
    if (codeOf(error) === "NotFoundException") return null;
    throw error;
  });
  const warning = found && keyWarning(found);
  return {
    problems: judgeKey(resource, key, region, found, account),
    warnings: warning ? [`${resource}: key ${key} ${warning}`] : [],
  };
};

/** Types of what counts against the On-Demand quota now: a stopped instance and a Spot instance do not. */
const runningTypes = async ({ clients }: Context, region: string): Promise<string[]> => {
  const found = await describeInstances(clients, region, [
    { Name: "instance-state-name", Values: ["pending", "running"] },
  ]);
  return found.flatMap(({ InstanceType, InstanceLifecycle }) =>
    InstanceType && !InstanceLifecycle ? InstanceType : [],
  );
};

const snapshotStates = async ({ clients }: Context, region: string, candidates: Candidate[]) => {
  const ids = candidates.flatMap(({ manifest }) => manifest.volumes.flatMap(({ snapshot }) => snapshot ?? []));
  const listed = await listSnapshots(clients, region, [{ Name: "snapshot-id", Values: ids }]);
  return new Map(listed.map(({ id, state }) => [id, state]));
};

/** Images that were copied: those that are registered from copies can be made again. */
const imageStates = async ({ clients }: Context, region: string, candidates: Candidate[]) => {
  const ids = candidates.flatMap(({ manifest }) => (manifest.byImage ? (manifest.image ?? []) : []));
  return new Map((await wholeImages(clients, region, "image-id", ids)).map((image) => [image.id, image]));
};

const countOf = ({ name }: Resource, candidates: Candidate[]) =>
  candidates.filter(({ resource }) => resource.name === name).length;

const distinct = (values: string[]) => [...new Set(values)];
