import { tryRun } from "../functions/aws/ec2/instances.ts";
import { type Findings, joined } from "../functions/core/findings.ts";
import { settingsOf } from "../functions/core/instances/launch/placement.ts";
import { launchedOf } from "../functions/core/model/direction.ts";
import type { Plan, Resource } from "../functions/core/model/plan.ts";
import type { Manifest, Point } from "../functions/core/model/recovery-point.ts";
import type { Tried } from "../functions/core/readiness/proof.ts";
import type { Context } from "../functions/runtime/context.ts";

/** Dry launches of one resource: one for each instance profile. */
const launchesMax = 3;

/**
 * Would EC2 launch a server of the newest point, with its image, profile, subnet and groups? A dry RunInstances makes
 * nothing, and tells what no Describe does: IAM, which knows the profiles, is asked by EC2 in the recovery Region.
 */
export const checkLaunch = async (
  { clients, store }: Context,
  { application, regions }: Plan,
  resource: Resource,
  newest: Point | null,
): Promise<Findings> => {
  const manifests = newest ? await store.manifests(application, newest.id) : [];
  const byProfile = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const profile = profileOf(resource, manifest);
    if (profile && manifest.image && !byProfile.has(profile)) byProfile.set(profile, manifest);
  }
  const found = [...byProfile].slice(0, launchesMax).map(async ([profile, manifest]) => {
    const { instanceTypes, subnet, securityGroups } = settingsOf(resource.launch, manifest);
    const [first] = Object.values(resource.launch.subnets).flat();
    const tried = await tryRun(clients, launchedOf({ regions }), {
      MinCount: 1,
      MaxCount: 1,
      ImageId: manifest.image ?? "",
      InstanceType: instanceTypes[0] as "m5.large",
      SubnetId: subnet ?? first,
      SecurityGroupIds: securityGroups,
      IamInstanceProfile: profile.startsWith("arn:") ? { Arn: profile } : { Name: profile },
    });
    return tried.found === "allowed"
      ? { problems: [], warnings: [] }
      : judgeRefusal(resource, profile, manifest, tried);
  });
  return joined(await Promise.all(found));
};

const profileOf = ({ launch }: Resource, manifest: Manifest) =>
  launch.instanceProfile === "same" ? manifest.instanceProfile : launch.instanceProfile;

const judgeRefusal = ({ name }: Resource, profile: string, manifest: Manifest, { found, because }: Tried): Findings => {
  if (/instance ?profile/i.test(because))
    return { problems: [`${name}: instance profile ${profile} cannot be used: ${because}`], warnings: [] };
  if (found === "denied")
    return {
      problems: [],
      warnings: [`${name}: instance profile ${profile} was not checked: you are not allowed to launch with it`],
    };
  return { problems: [], warnings: [`${name}: EC2 would not launch ${manifest.name} now: ${because}`] };
};
