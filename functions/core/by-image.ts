import { createHash } from "node:crypto";
import type { Manifest } from "./point.ts";
import { withSet } from "./point-sets.ts";
import type { QueueEntry } from "./queue.ts";
import type { SnapshotFact } from "./snapshot-fact.ts";

/**
 * True for a server whose licence is billed through its image: Windows, Red Hat, SUSE, SQL Server, the Marketplace. An
 * image registered from copied snapshots has no billing data, so it goes by CreateImage and CopyImage, which keep them.
 * [SDK EC2: RegisterImageRequest]
 */
export const goesByImage = ({
  platform,
  productCodes,
  usageOperation,
}: Pick<Manifest, "platform" | "productCodes" | "usageOperation">): boolean =>
  /windows/i.test(platform) || productCodes.length > 0 || (usageOperation ?? plainUsage) !== plainUsage;

/** Usage operation of Linux without a licence. [EC2: billing-info-fields] */
export const plainUsage = "RunInstances";

/** An image, as far as its volumes matter; `snapshot` is null while EC2 still makes it. */
export type ImageFacts = {
  id: string;
  state: string;
  because: string | null;
  devices: { device: string; snapshot: string | null }[];
};

/** States in which an image, or a snapshot of it, will never launch anything. [SDK EC2: ImageState, SnapshotState] */
export const brokenImage = ["failed", "error", "invalid", "deregistered", "disabled"];

export type ImageSet =
  | { action: "adopt"; manifest: Manifest }
  | { action: "wait" | "create" | "giveUp"; because: string };

/**
 * What to do for a server that has no set on record yet, given the source snapshots with its tags and the image with its
 * name, if EC2 shows one. The image's own list of snapshots decides as soon as it has one: a volume that it lacks was
 * detached since the server was listed.
 */
export const chooseImageSet = (manifest: Manifest, found: SnapshotFact[], image: ImageFacts | null): ImageSet => {
  if (!image) return { action: "create", because: "it has no image of this point" };
  const failed = [...found, image].find(({ state }) => brokenImage.includes(state));
  if (failed)
    return {
      action: "giveUp",
      because: `${failed.id} failed: ${failed.because ?? image.because ?? "no reason given"}`,
    };

  const named = image.devices.flatMap(({ snapshot }) => snapshot ?? []);
  const isListed = image.devices.length > 0 && named.length === image.devices.length;
  const set = isListed ? found.filter(({ id }) => named.includes(id)) : found;
  const isWhole = isListed
    ? set.length === named.length
    : manifest.volumes.every(({ volume }) => set.some((one) => one.volume === volume));
  if (!isWhole) return { action: "wait", because: `the snapshots of ${image.id} are not wholly visible yet` };
  return { action: "adopt", manifest: { ...withSet(manifest, set), sourceImage: image.id } };
};

/** The one thing to copy of such a server; null until its image is on record. `slots`: each snapshot takes one. */
export const imageEntryOf = ({ server, sourceImage, volumes }: Manifest): QueueEntry | null =>
  sourceImage
    ? {
        server,
        ...{ volume: "", device: "" },
        sizeGiB: volumes.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
        slots: volumes.length,
        from: sourceImage,
        ...{ askedAt: null, copy: null, ended: false, tries: 0 },
      }
    : null;

/** CopyImage ClientToken (at most 64 ASCII characters) of one try: asked again with it, EC2 gives the first image back. */
export const imageCopyToken = (point: string, { server, from, tries }: QueueEntry) =>
  createHash("sha256").update(`${point}\n${server}\n${from}\n${tries}`).digest("hex");

/** The manifest with the image that the server is launched from, and its snapshots. */
export const withImage = (
  manifest: Manifest,
  image: string,
  snapshots: { device: string; snapshot: string }[],
): Manifest => ({
  ...manifest,
  image,
  volumes: manifest.volumes.map((volume) => ({
    ...volume,
    snapshot: snapshots.find(({ device }) => device === volume.device)?.snapshot ?? null,
  })),
});
