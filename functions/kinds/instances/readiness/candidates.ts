import { hasOwnVolumeTags } from "../../../core/instances/launch/launch-request.ts";
import type { Candidate } from "../../../core/instances/launch/preflight-rules.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { LookedAt } from "./usable-point.ts";

/** The servers of a point, with their places among those of the resource. */
export const candidatesOf = (resource: Resource, { manifests }: Pick<LookedAt, "manifests">): Candidate[] => {
  const zones = [...new Set(manifests.map(({ zone }) => zone))].sort();
  return manifests.map((manifest, index) => {
    const { server, name, zone, settings } = manifest;
    const ref = {
      resource: resource.name,
      server,
      point: manifest.point,
      name,
      index,
      zone: zones.indexOf(zone),
      ...(settings?.forwards && { forwards: settings.forwards }),
      ...(hasOwnVolumeTags(manifest) && { volumeTags: true as const }),
    };
    return { ref, resource, manifest };
  });
};
