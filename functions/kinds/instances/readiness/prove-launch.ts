import { tryRight } from "../../../aws/calls/try-right.ts";
import { listImages } from "../../../aws/ec2/images.ts";
import { tryRun } from "../../../aws/ec2/instances.ts";
import { describeSubnets } from "../../../aws/ec2/subnets.ts";
import { tagSpecification } from "../../../aws/ec2/tags.ts";
import { launchRequest, tagsOf } from "../../../core/instances/launch/launch-request.ts";
import { placementsOf, subnetIdsOf } from "../../../core/instances/launch/placement.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Run } from "../../../core/model/run.ts";
import { choosePoint } from "../../../core/points/choose-point.ts";
import type { Tried } from "../../../core/readiness/proof.ts";
import type { Context } from "../../../runtime/context.ts";
import type { DryStep } from "../../../runtime/prove.ts";
import { tryImage } from "../catalog/image.ts";
import { listLaunched } from "../recover/launched.ts";
import { isFree, withTokens } from "../recover/start-instance.ts";
import { candidatesOf } from "./candidates.ts";

/** Tries to launch one server of each resource, as a failover would in its first slot, and to register its image; nothing is made. */
export const proveLaunch = async ({ run, plan }: DryStep, context: Context): Promise<Tried[]> => {
  const { clients } = context;
  const named = [{ Name: "name", Values: [`lifeboat-${run.application}-proof`] }];
  const read = [
    await tryRight("ec2:DescribeInstances", run.target, () => listLaunched(context, run)),
    await tryRight("ec2:DescribeImages", run.target, () => listImages(clients, run.target, named)),
  ];
  return [...read, ...(await Promise.all(plan.protect.map((resource) => tryServer(context, run, resource)))).flat()];
};

const untriedOf =
  (resource: Resource, region: string) =>
  (because: string): Tried[] => [
    { action: "ec2:RunInstances", region, found: "unknown", because: `${resource.name}: ${because}` },
  ];

const tryServer = async (context: Context, run: Run, resource: Resource): Promise<Tried[]> => {
  const { store } = context;
  const { application, target } = run;
  const untried = untriedOf(resource, target);
  const point = choosePoint(await store.points(application, resource.name), resource.name, { kind: "latest" }, run);
  const manifests = point ? await store.manifests(application, point.id) : [];
  const candidates = candidatesOf(resource, { manifests });
  if (candidates.length === 0) return untried("no complete recovery point");
  // one of each instance profile: the role names the roles that it may hand on
  const byProfile = new Map(candidates.toReversed().map((one) => [one.manifest.instanceProfile, one]));
  const tried: Tried[] = [];
  for (const candidate of byProfile.values()) tried.push(...(await tryCandidate(context, run, resource, candidate)));
  return tried;
};

const tryCandidate = async (
  context: Context,
  run: Run,
  resource: Resource,
  candidate: ReturnType<typeof candidatesOf>[number],
): Promise<Tried[]> => {
  const { store, clients } = context;
  const { target } = run;
  const untried = untriedOf(resource, target);
  const { manifest, ref: server } = candidate;
  const registered = await tryImage(context, run, manifest, resource.tags);
  if (!manifest.image) return [...registered, ...untried(`${server.point} has no image yet`)];
  const subnets = await describeSubnets(clients, target, subnetIdsOf(resource.launch));
  const [slot] = placementsOf(resource.launch, manifest, server.zone, subnets);
  if (!slot) return [...registered, ...untried(`no subnet takes ${manifest.name}`)];
  const text = resource.launch.userData === "none" ? null : manifest.userData;
  const userData = text ? await store.userData(run.application, text) : null;
  const { tags, volume } = tagsOf(run, server, resource, manifest);
  // a server of an earlier run may still have the address, which is no question of rights
  const free = { ...slot, address: null };
  const request = {
    ...launchRequest({ run, server, resource, manifest, slot: free, image: manifest.image, userData }),
    TagSpecifications: [
      tagSpecification("instance", tags),
      tagSpecification("volume", volume),
      tagSpecification("network-interface", tags),
    ],
  };
  const tried = await tryRun(clients, target, request);
  const modern = isFree(resource) ? withTokens(request) : null;
  // where nothing starts with IMDSv1, Launch asks for it with IMDSv2 alone
  if (tried.found === "allowed" || !modern) return [...registered, tried];
  return [...registered, await tryRun(clients, target, modern)];
};
