/** Changes of a fleet while a story goes on: servers and volumes come and go. */

import type { z } from "zod";
import { protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { boot, stop, terminate } from "../ec2/instances/lifecycle.ts";
import { ec2Of, type Instance } from "../ec2/state.ts";
import { addVolume } from "../ec2/storage/volumes.ts";
import { addServers } from "../inventory/servers.ts";
import type { ServerSpec } from "../inventory/usual-servers.ts";
import type { World } from "../kernel.ts";

/** Longest shutdown, and something for what EC2 shows late, seconds. */
const stoppedAfterSeconds = 120;

/** The servers of a resource that are there to stay, oldest first. */
export const serversOf = (world: World, plan: Plan, resource: string): Instance[] => {
  const { select } = plan.protect.find(({ name }) => name === resource)!;
  return [...ec2Of(world, protectedOf(plan)).instances.values()].filter(
    ({ state, tags }) =>
      state !== "terminated" &&
      state !== "shutting-down" &&
      Object.entries(select.tags).every(([key, value]) => tags.some((tag) => tag.Key === key && tag.Value === value)),
  );
};

/** What people do to a fleet while it is protected. Each takes effect at once, as if by the console. */
export const createChanges = (world: World, plan: Plan) => {
  const { primary } = plan.regions;
  const source = ec2Of(world, primary);

  const detach = (server: Instance, volume: string) => {
    server.volumes = server.volumes.filter((one) => one.volume !== volume);
    source.volumes.delete(volume);
  };

  return {
    addServer(resource: string, spec: z.infer<typeof ServerSpec>) {
      const like = serversOf(world, plan, resource)[0];
      const subnet = source.subnets.get(like?.subnet ?? "") ?? [...source.subnets.values()][0]!;
      const around = {
        places: [{ subnet: subnet.id, cidr: subnet.cidr, zone: subnet.zone }],
        sourceKeys: [...source.volumes.values()].flatMap(({ key }) => key ?? []).slice(0, 1),
        volumesBefore: 0,
        needs: [],
        isFirst: false,
      };
      const found = plan.protect.find(({ name }) => name === resource)!;
      const [server] = addServers(world, plan, found, [spec], around);
      Object.assign(server!, { launchedAt: world.now(), runningAt: world.now() });
    },

    terminateServer: (server: Instance) => terminate(world, primary, server),

    addVolume(server: Instance, sizeGiB: number) {
      const letter = "fghijklmnop"
        .split("")
        .find((one) => !server.volumes.some(({ device }) => device === `/dev/sd${one}`));
      const device = `/dev/sd${letter}`;
      const like = source.volumes.get(server.volumes[0]!.volume)!;
      const { id } = addVolume(world, primary, {
        device: {
          device,
          snapshot: null,
          sizeGiB,
          type: "gp3",
          iops: null,
          throughput: null,
          encrypted: false,
          key: null,
          deleteOnTermination: true,
        },
        zone: like.zone,
        instance: server.id,
        content: like.content && { ...like.content, device },
        tags: [],
      });
      server.volumes.push({ device, volume: id, deleteOnTermination: true });
    },

    /** Detaches and deletes the last volume of a server, if it is not the root. */
    removeVolume(server: Instance) {
      const last = server.volumes.findLast(({ device }) => device !== server.rootDevice);
      if (last) detach(server, last.volume);
    },

    /** User data can be changed only while an instance is stopped. [SDK EC2: ModifyInstanceAttribute] */
    changeUserData(server: Instance, text: string) {
      if (server.state !== "running") return;
      stop(world, primary, server);
      world.after(stoppedAfterSeconds, () => {
        if (server.state !== "stopped") return;
        server.userData = Buffer.from(text).toString("base64");
        server.launchedAt = world.now();
        boot(world, primary, server);
      });
    },
  };
};
