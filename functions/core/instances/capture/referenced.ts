import type { Manifest } from "../../model/recovery-point.ts";

/** Snapshots and images of both Regions that the manifests of a complete point reference: its others are orphaned. */
export const referencedIds = (manifests: Manifest[]): string[] =>
  manifests.flatMap(({ volumes, image, sourceImage }) =>
    [image, sourceImage, ...volumes.flatMap(({ sourceSnapshot, snapshot }) => [sourceSnapshot, snapshot])].flatMap(
      (id) => id ?? [],
    ),
  );
