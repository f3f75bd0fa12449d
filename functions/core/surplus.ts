import type { Manifest } from "./point.ts";

/** Snapshots of both Regions that the manifests of a complete point name: every other one of that point is surplus. */
export const namedBy = (manifests: Manifest[]): string[] =>
  manifests.flatMap(({ volumes }) =>
    volumes.flatMap(({ sourceSnapshot, snapshot }) => [sourceSnapshot, snapshot].filter((id) => id !== null)),
  );
