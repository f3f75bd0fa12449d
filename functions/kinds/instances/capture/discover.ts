import { codeOf } from "../../../aws/calls/errors.ts";
import { fastRestored } from "../../../aws/ec2/fast-restores.ts";
import { describeInstanceTypes } from "../../../aws/ec2/instance-types.ts";
import { creditsOf, describeSelected, type Instance } from "../../../aws/ec2/instances.ts";
import { describeSubnets } from "../../../aws/ec2/subnets.ts";
import { volumesOf } from "../../../aws/ec2/volumes.ts";
import { launchedAtOf, manifestOf } from "../../../core/instances/capture/describe-server.ts";
import { isBurstable } from "../../../core/instances/launch/launch-settings.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Manifest, Point } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import type { ServerSettings } from "../../../core/model/server-settings.ts";
import type { Context } from "../../../runtime/context.ts";
import { visitManifests } from "./manifest-pages.ts";
import { readProtections } from "./protections.ts";
import { unlessSilent } from "./replication.ts";
import { readUserData } from "./user-data.ts";

/** Servers that one invocation describes, and of how many of them it reads the user data: half of that token bucket. */
const serversPerPass = 500;
const readsPerPass = 50;

export type Discovery =
  | {
      action: "found";
      /** Servers that the selection matches, in all. */
      matching: number;
      /** Of this slice, by instance id. */
      manifests: Manifest[];
      leftOut: string[];
      /** Last server of the slice when others follow, else null. */
      last: string | null;
    }
  /** The source Region did not respond. */
  | { action: "silent" };

/** The last server that was described, and an earlier point whose manifests may name the user data. */
export type SliceStart = { point: string; after: string; earlier: Point | null };

/**
 * The next slice of the servers that the resource selects in the source Region, each with the facts that a launch needs.
 * User data can change only while an instance is stopped: it is read again only then, or after a new start.
 */
export const discover = async (context: Context, run: Run, resource: Resource, from: SliceStart): Promise<Discovery> =>
  (await unlessSilent(context, run, () => nextSlice(context, run, resource, from))) ?? { action: "silent" };

const nextSlice = async (context: Context, run: Run, resource: Resource, from: SliceStart): Promise<Discovery> => {
  const matching = await describeSelected(context.clients, run.source, resource.select.tags);
  const left = matching.filter((instance) => idOf(instance) > from.after).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const wanted = left.slice(0, serversPerPass);
  const earlier = await earlierOf(context, from, idOf(wanted.at(-1)));
  const isKnown = (instance: Instance) =>
    instance.State?.Name !== "stopped" && earlier.get(idOf(instance))?.launchedAt === launchedAtOf(instance);
  const unknown = wanted.filter((instance) => !isKnown(instance));
  const beyond = unknown[readsPerPass];
  const taken = beyond ? wanted.slice(0, wanted.indexOf(beyond)) : wanted;

  const known = new Map([...earlier].map(([server, { userData }]) => [server, userData]));
  const read = await readUserData(context, run, resource, unknown.slice(0, readsPerPass), known);
  const there = taken.filter((instance) => isKnown(instance) || read.has(idOf(instance)));
  const protections = await readProtections(
    context,
    run,
    new Map(there.map((instance) => [idOf(instance), earlier.get(idOf(instance))?.protections])),
  );
  const manifests = await describe(context, run, resource, from.point, there, {
    userDataOf: (id) => (read.has(id) ? read.get(id) : known.get(id)) ?? null,
    protectionsOf: (id) => protections.get(id),
  });
  const whole = manifests.filter(({ volumes }) => volumes.length > 0);
  return {
    action: "found",
    matching: matching.length,
    manifests: whole,
    leftOut: manifests
      .filter(({ volumes }) => volumes.length === 0)
      .map(({ server }) => `${server} has no EBS volume to protect`),
    last: taken.length < left.length ? idOf(taken.at(-1)) : null,
  };
};

type EarlierFacts = { launchedAt: string | undefined; userData: string | null; protections: Protections };
type Protections = ServerSettings["protections"];

/** Facts of the earlier point about the servers up to `last`: whether user data may have changed, and what is read rarely. */
const earlierOf = async (context: Context, { after, earlier }: SliceStart, last: string) => {
  const known = new Map<string, EarlierFacts>();
  if (!earlier || last === "") return known;
  await visitManifests(context, earlier, after || null, (page) => {
    for (const { server, launchedAt, userData, settings } of page)
      known.set(server, { launchedAt, userData, protections: settings?.protections });
    return (page.at(-1)?.server ?? "") < last ? "more" : "enough";
  });
  return known;
};

type KnownFacts = { userDataOf(id: string): string | null; protectionsOf(id: string): Protections };

const describe = async (
  context: Context,
  run: Run,
  resource: Resource,
  point: string,
  instances: Instance[],
  { userDataOf, protectionsOf }: KnownFacts,
): Promise<Manifest[]> => {
  if (instances.length === 0) return [];
  const { clients } = context;
  const [volumes, credits, subnets, types, fast] = await Promise.all([
    volumesOf(clients, run.source, instances.map(idOf)),
    knownCredits(context, run, instances),
    describeSubnets(clients, run.source, distinct(instances, "SubnetId")),
    describeInstanceTypes(clients, run.source, distinct(instances, "InstanceType")),
    unlessRefused(context, "fast snapshot restores", fastRestored(clients, run.source), new Set<string>()),
  ]);
  const volumesBy = Map.groupBy(
    volumes.flatMap((volume) => (volume.Attachments ?? []).map(({ InstanceId }) => ({ volume, InstanceId }))),
    ({ InstanceId }) => InstanceId,
  );
  const cidrs = new Map(subnets.map(({ id, cidr }) => [id, cidr]));
  const typeOf = ({ InstanceType }: Instance) => types.find(({ name }) => name === InstanceType);
  return instances.map((instance) =>
    manifestOf(
      {
        instance,
        volumes: (volumesBy.get(idOf(instance)) ?? []).map(({ volume }) => volume),
        cidr: cidrs.get(instance.SubnetId ?? "") ?? "",
        instanceStoreVolumes: typeOf(instance)?.instanceStoreVolumes ?? 0,
        vcpus: typeOf(instance)?.vcpus,
        credits: credits.get(idOf(instance)),
        protections: protectionsOf(idOf(instance)),
        fast,
        userData: userDataOf(idOf(instance)),
      },
      resource,
      { application: run.application, point },
    ),
  );
};

/** One server that was terminated since makes EC2 refuse the list: that must not prevent a point. */
const knownCredits = async (context: Context, run: Run, instances: Instance[]) => {
  const burstable = instances.filter(({ InstanceType = "" }) => isBurstable(InstanceType)).map(idOf);
  if (burstable.length === 0) return new Map<string, string>();
  return unlessRefused(context, "CPU credits", creditsOf(context.clients, run.source, burstable), new Map());
};

/** Facts that are worth a warning, but must not prevent a point. */
const unlessRefused = <T>({ log }: Context, what: string, asked: Promise<T>, otherwise: T): Promise<T> =>
  asked.catch((error: unknown) => {
    log.warn(`${what} not read`, { code: codeOf(error), because: (error as Error).message });
    return otherwise;
  });

const idOf = (instance: Instance | undefined) => instance?.InstanceId ?? "";

const distinct = (instances: Instance[], key: "SubnetId" | "InstanceType") => [
  ...new Set(instances.flatMap((instance) => instance[key] ?? [])),
];
