import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { wholeImages } from "../../../aws/ec2/source-images.ts";
import type { VisibleCopies } from "../../../core/instances/launch/damage.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Context } from "../../../runtime/context.ts";

/**
 * The copies that these servers are launched from, as the Region shows them now: snapshots, and images that were copied
 * (those that are registered from copies can be made again). Listed by id, as a tag may have been removed.
 */
export const visibleCopies = async (
  { clients, now }: Context,
  region: string,
  manifests: Manifest[],
): Promise<VisibleCopies> => {
  const snapshotIds = manifests.flatMap(({ volumes }) => volumes.flatMap(({ snapshot }) => snapshot ?? []));
  const imageIds = manifests.flatMap(({ byImage, image }) => (byImage && image ? image : []));
  const [snapshots, images] = await Promise.all([
    snapshotIds.length ? listSnapshots(clients, region, [{ Name: "snapshot-id", Values: snapshotIds }]) : [],
    wholeImages(clients, region, "image-id", imageIds),
  ]);
  const at = now().toISOString();
  return {
    snapshots: new Map(
      snapshots.map(({ id, state, archived }) => [
        id,
        // an archived snapshot that was restored for a while can be used until then [EBS:restore-archived-snapshot]
        archived && !(archived.restoredUntil && archived.restoredUntil > at) ? "archived" : state,
      ]),
    ),
    images: new Map(images.map((image) => [image.id, image])),
    keys: [...new Set(snapshots.flatMap(({ key }) => key ?? []))],
  };
};
