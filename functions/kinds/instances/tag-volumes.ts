import { codeOf } from "../../aws/errors.ts";
import { describeInstancesById } from "../../aws/instances.ts";
import { retag } from "../../aws/retag.ts";
import { tagsOf } from "../../core/launch-request.ts";
import { type Run, resourceOf } from "../../core/run.ts";
import type { Server } from "../../core/server.ts";
import type { Context } from "../../runtime/context.ts";
import type { WavePass } from "../../runtime/wave-pass.ts";

/** Volumes of one call. [SDK EC2: CreateTagsRequest] */
const volumesPerCall = 500;

/**
 * Gives the volumes of these servers the tags that are theirs alone: those with the same tags in one call, however many servers
 * they are of. A tag is worth no server: what EC2 refuses is told.
 */
export const tagVolumes = async (context: Context, run: Run, wave: WavePass, servers: Server[]): Promise<void> => {
  const tagged = servers.filter(({ volumeTags }) => volumeTags);
  if (tagged.length === 0) return;
  const { clients, store, log } = context;
  try {
    const ids = tagged.flatMap(({ instance }) => instance ?? []);
    const found = new Map((await describeInstancesById(clients, run.target, ids)).map((one) => [one.InstanceId, one]));
    const volumes = await Promise.all(
      tagged.map(async (server) => {
        const manifest = await store.manifest(run.application, server.point, server.server);
        const { own = [] } = manifest ? tagsOf(run, server, resourceOf(wave.plan, server.resource), manifest) : {};
        const devices = found.get(server.instance ?? "")?.BlockDeviceMappings ?? [];
        return own.flatMap(({ device, tags }) => {
          const volume = devices.find(({ DeviceName }) => DeviceName === device)?.Ebs?.VolumeId;
          return volume ? [{ volume, tags }] : [];
        });
      }),
    );
    const alike = Map.groupBy(volumes.flat(), ({ tags }) => JSON.stringify(Object.entries(tags).sort()));
    for (const those of alike.values())
      for (let from = 0; from < those.length; from += volumesPerCall) {
        const some = those.slice(from, from + volumesPerCall).map(({ volume }) => volume);
        await retag(clients, run.target, some, those[0]!.tags);
      }
  } catch (error) {
    const because = `tags of single volumes were not given: ${codeOf(error)}: ${(error as Error).message}`;
    log.warn(because);
    for (const server of tagged)
      wave.tell(server, {
        state: "Attach",
        startedAt: null,
        outcome: "Untagged",
        detail: { instance: server.instance, because },
      });
  }
};
