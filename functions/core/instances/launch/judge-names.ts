import type { Resource } from "../../model/plan.ts";
import { nearestWord } from "../../nearest-word.ts";

/** A server, as far as a plan names it: by its Name tag and by the devices of its volumes, protected or not. */
export type Named = { name: string; devices: string[] };

/**
 * What a plan says of servers and devices that there are none of: a renamed server would come up without its own
 * settings, and a mistyped device be copied. A sentence each.
 */
export const judgeNames = ({ name: resource, launch, exclude }: Resource, servers: Named[]): string[] => {
  const names = servers.map(({ name }) => name);
  const devices = new Set(servers.flatMap((server) => server.devices));
  const known = new Set(names);
  const strangers = (place: string, given: string[]) =>
    given
      .filter((one) => !known.has(one))
      .map((one) => {
        const nearest = nearestWord(one, names);
        return `${resource}: ${place} names ${one}, and no server is called so${nearest ? `; did you mean ${nearest}?` : ""}`;
      });
  return [
    ...strangers("launch.overrides", Object.keys(launch.overrides)),
    ...strangers("launch.address", typeof launch.address === "string" ? [] : Object.keys(launch.address)),
    ...exclude.volumes
      .filter((device) => !devices.has(device))
      .map((device) => `${resource}: exclude.volumes names ${device}, and no server has such a device`),
  ];
};
