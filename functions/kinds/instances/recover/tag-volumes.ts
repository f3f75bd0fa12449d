import { codeOf } from "../../../aws/calls/errors.ts";
import { describeInstancesById } from "../../../aws/ec2/instances.ts";
import { retag } from "../../../aws/ec2/retag.ts";
import { batchesOf } from "../../../core/batches.ts";
import { tagsOf } from "../../../core/instances/launch/launch-request.ts";
import { type Run, resourceOf } from "../../../core/model/run.ts";
import type { Server } from "../../../core/model/server.ts";
import type { Context } from "../../../runtime/context.ts";
import { inParallel } from "../../../runtime/in-parallel.ts";
import type { WavePass } from "../../../runtime/wave-pass.ts";

/** Volumes of one call. [SDK EC2: CreateTagsRequest] */
const volumesPerCall = 500;
const callsAtOnce = 5;

type Wanted = { server: Server; volume: string; tags: Record<string, string> };

/**
 * Gives the volumes of these servers the tags that are theirs alone: those with the same tags in one call, however many servers
 * they are of, and none once it `isLate`. A tag is worth no server: what is given back is why servers did not get theirs, by
 * server. Safe to run twice.
 */
export const tagVolumes = async (
  context: Context,
  run: Run,
  wave: WavePass,
  servers: Server[],
  isLate: () => boolean,
): Promise<Map<string, string>> => {
  const untagged = new Map<string, string>();
  const tagged = servers.filter(({ volumeTags }) => volumeTags);
  if (tagged.length === 0) return untagged;
  const leave = (some: Iterable<Server>, because: string) => {
    context.log.warn("tags of single volumes were not given", { because });
    for (const { server } of some) untagged.set(server, because);
  };
  const attempt = async (some: Iterable<Server>, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      leave(some, `${codeOf(error)}: ${(error as Error).message}`);
    }
  };
  await attempt(tagged, async () => {
    const { wanted, unseen } = await wantedOf(context, run, wave, tagged);
    if (unseen.length > 0) leave(unseen, "EC2 did not show all of their volumes");
    await inParallel(alike(wanted), callsAtOnce, async (those) => {
      const owners = new Set(those.map(({ server }) => server));
      if (isLate()) return leave(owners, "there was no time for it");
      const volumes = those.map(({ volume }) => volume);
      await attempt(owners, () => retag(context.clients, run.target, volumes, those[0]!.tags));
    });
  });
  return untagged;
};

/** `unseen`: servers of which EC2 does not show a volume that is to be tagged. */
const wantedOf = async ({ clients, store }: Context, run: Run, { plan }: WavePass, servers: Server[]) => {
  const ids = servers.flatMap(({ instance }) => instance ?? []);
  const found = new Map((await describeInstancesById(clients, run.target, ids)).map((one) => [one.InstanceId, one]));
  const [wanted, unseen]: [Wanted[], Server[]] = [[], []];
  await inParallel(servers, callsAtOnce, async (server) => {
    const manifest = await store.manifest(run.application, server.point, server.server);
    const { own = [] } = manifest ? tagsOf(run, server, resourceOf(plan, server.resource), manifest) : {};
    const devices = found.get(server.instance ?? "")?.BlockDeviceMappings ?? [];
    const seen = own.flatMap(({ device, tags }) => {
      const volume = devices.find(({ DeviceName }) => DeviceName === device)?.Ebs?.VolumeId;
      return volume ? [{ server, volume, tags }] : [];
    });
    wanted.push(...seen);
    if (seen.length < own.length) unseen.push(server);
  });
  return { wanted, unseen };
};

/** Volumes with the same tags, as many as one call takes. */
const alike = (wanted: Wanted[]): Wanted[][] =>
  [...Map.groupBy(wanted, ({ tags }) => JSON.stringify(Object.entries(tags).sort())).values()].flatMap((those) =>
    batchesOf(those, volumesPerCall),
  );
