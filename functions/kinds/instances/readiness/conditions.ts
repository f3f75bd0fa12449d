import { codeOf } from "../../../aws/calls/errors.ts";
import { describeInstanceTypes, describeOfferings } from "../../../aws/ec2/instance-types.ts";
import { describeInstances, type Instance } from "../../../aws/ec2/instances.ts";
import { refusesFirstMetadata } from "../../../aws/ec2/metadata-defaults.ts";
import { usedAddresses } from "../../../aws/ec2/subnets.ts";
import { describeKey } from "../../../aws/kms.ts";
import { lambdaConcurrency, vcpusAllowed } from "../../../aws/service-quotas.ts";
import { type Findings, joined } from "../../../core/findings.ts";
import {
  hasFirstMetadata,
  judgeKey,
  judgeLaunch,
  judgeLaunchedAddresses,
  judgeMetadata,
  judgeRecoveryAddresses,
} from "../../../core/instances/launch/conditions.ts";
import { foreignKey, keyWarning } from "../../../core/instances/launch/key-rules.ts";
import { settingsOf, subnetIdsOf } from "../../../core/instances/launch/placement.ts";
import { inherit, tellInheritance } from "../../../core/instances/launch/predecessors.ts";
import { type Candidate, type Placed, placeServers } from "../../../core/instances/launch/preflight-rules.ts";
import { judgeConcurrency, judgeQuota, quotasOf } from "../../../core/instances/launch/quota-rules.ts";
import type { Resource, Traffic } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import type { Context } from "../../../runtime/context.ts";
import { fatesOf, isEnded, listLaunched, toLaunched } from "../recover/launched.ts";
import { judgeRecoverySide, readRecoverySide } from "./recovery-side.ts";

/**
 * Everything that the launches of these servers need of the recovery Region, read in a few batched calls however many
 * servers there are. What only warns (quota, key) may fail to answer; what a launch itself needs may not.
 */
export const checkConditions = async (
  context: Context,
  run: Run,
  resources: Resource[],
  candidates: Candidate[],
  traffic: Traffic | null = null,
): Promise<Findings & { placed: Placed[] }> => {
  const { clients } = context;
  const region = run.target;
  const ids = distinct(resources.flatMap(({ launch }) => subnetIdsOf(launch)));
  const wanted = distinct(
    candidates.flatMap(({ resource, manifest }) => settingsOf(resource.launch, manifest).instanceTypes),
  );
  const [{ own, ...inheritance }, side, used, offered, launched, functions, keys, metadata] = await Promise.all([
    whatIsLeft(context, run, candidates),
    readRecoverySide(context, region, resources),
    ids.length ? usedAddresses(clients, region, ids) : [],
    describeOfferings(clients, region, wanted),
    launchedHere(context, region),
    quota("quota of Lambda functions at once", lambdaConcurrency(clients, region), (allowed) =>
      judgeConcurrency(region, allowed),
    ),
    Promise.all(resources.map((resource) => checkKey(context, run, resource))),
    checkMetadata(context, region, candidates),
  ]);
  const running = onDemandTypes(launched, own);
  const types = await describeInstanceTypes(clients, region, distinct([...wanted, ...running]));
  const { subnets } = side;
  const { placed, ...placement } = placeServers(candidates, run, { subnets, types, offered, used, own });
  const findings = joined([
    // of a resource without a point nobody knows how many servers it has: all of its addresses count
    ...judgeRecoverySide(
      side,
      region,
      resources,
      (resource) => countOf(resource, candidates) || resource.launch.elasticIps.length,
      own,
    ),
    judgeLaunch(run, candidates),
    inheritance,
    judgeLaunchedAddresses(traffic, placed),
    judgeRecoveryAddresses(traffic, resources, side.elasticIps),
    placement,
    functions,
    ...(await Promise.all(
      quotasOf(placed, wanted).map((one) =>
        quota(`vCPU quota of ${one.name} instances`, vcpusAllowed(clients, region, one.code), (allowed) =>
          judgeQuota(placed, { ...one, allowed, running, types, planned: wanted }),
        ),
      ),
    )),
    ...keys,
    metadata,
  ]);
  return { ...findings, placed };
};

/** A check whose reading may fail: then it warns. */
export const optional = async (what: string, check: () => Promise<Findings>): Promise<Findings> => {
  try {
    return await check();
  } catch (error) {
    return unread(`${what} (${codeOf(error)})`);
  }
};

/** A quota that the service does not say warns, too. */
const quota = (what: string, asked: Promise<number | null>, judge: (allowed: number) => Findings) =>
  optional(what, async () => {
    const allowed = await asked;
    return allowed === null ? unread(what) : judge(allowed);
  });

/** Asked only where somebody would be launched with IMDSv1. */
const checkMetadata = async ({ clients }: Context, region: string, candidates: Candidate[]): Promise<Findings> => {
  if (!candidates.some(hasFirstMetadata)) return { problems: [], warnings: [] };
  return optional("the account's defaults of the instance metadata service", async () =>
    (await refusesFirstMetadata(clients, region)) ? judgeMetadata(region, candidates) : { problems: [], warnings: [] },
  );
};

const unread = (what: string): Findings => ({ problems: [], warnings: [`${what} could not be checked`] });

const checkKey = async ({ clients }: Context, run: Run, { name, encryptKey: key }: Resource): Promise<Findings> => {
  if (!key) return { problems: [], warnings: [] };
  const account = run.id.split(":")[4] ?? "";
  if (foreignKey(key, account)) return { problems: judgeKey(name, key, run.target, null, account), warnings: [] };
  return optional(`${name}: key ${key}`, async () => {
    const found = await describeKey(clients, run.target, key).catch((error: unknown) => {
      if (codeOf(error) === "NotFoundException") return null;
      throw error;
    });
    const warning = found && keyWarning(found);
    return {
      problems: judgeKey(name, key, run.target, found),
      warnings: warning ? [`${name}: key ${key} ${warning}`] : [],
    };
  });
};

const launchedHere = ({ clients }: Context, region: string) =>
  describeInstances(clients, region, [{ Name: "instance-state-name", Values: ["pending", "running"] }]);

/** Types of what counts against the On-Demand quota now: a stopped instance and a Spot instance do not. */
const onDemandTypes = (launched: Instance[], own: Set<string>): string[] =>
  launched.flatMap(({ InstanceId, InstanceType, InstanceLifecycle }) =>
    InstanceType && !InstanceLifecycle && !own.has(InstanceId ?? "") ? InstanceType : [],
  );

/** What earlier runs left: `own` are the instances that this one takes over, or removes before it launches. */
const whatIsLeft = async (context: Context, run: Run, candidates: Candidate[]) => {
  const live = (await listLaunched(context, run)).filter((one) => !isEnded(one)).map(toLaunched);
  const left = live.filter((one) => one.run !== run.name);
  const servers = candidates.map(({ ref }) => ref);
  const found = inherit(
    servers,
    left,
    await fatesOf(
      context,
      run,
      left.map((one) => one.run),
    ),
  );
  const kept = new Set(found.keep);
  const own = new Set(live.filter((one) => !kept.has(one)).map(({ id }) => id));
  return { own, ...tellInheritance(found, servers) };
};

const countOf = ({ name }: Resource, candidates: Candidate[]) =>
  candidates.filter(({ resource }) => resource.name === name).length;

const distinct = (values: string[]) => [...new Set(values)];
