import type { Manifest } from "../../model/recovery-point.ts";
import type { SnapshotFact } from "./snapshot.ts";

/**
 * True for a server whose licence is billed through its image: Windows, Red Hat, SUSE, SQL Server, the Marketplace. An
 * image registered from copied snapshots has no billing data, so it is captured by CreateImage and CopyImage, which keep them. So is a
 * paravirtual one: its disk has no boot loader that hvm would find, and its kernel image is of its Region; CopyImage finds
 * that of the other Region, or refuses. [SDK EC2: RegisterImageRequest] [GH:coreos/mantle#810]
 */
export const isImageBased = ({
  platform,
  productCodes,
  usageOperation,
  virtualization,
}: Pick<Manifest, "platform" | "productCodes" | "usageOperation" | "virtualization">): boolean =>
  /windows/i.test(platform) ||
  productCodes.length > 0 ||
  (usageOperation ?? plainUsage) !== plainUsage ||
  virtualization === "paravirtual";

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

export type ImageSet = { action: "adopt"; set: SnapshotFact[] } | { action: "wait" | "out"; because: string };

/**
 * The set of an image-based server, given the source snapshots with its tags and the image with its name. The
 * image's own list of snapshots decides as soon as it has one: a volume that it lacks was detached since the server was
 * listed. Until it is available, which takes as long as its snapshots do, it lists devices alone: as many snapshots are it.
 */
export const chooseImageSet = (manifest: Manifest, found: SnapshotFact[], image: ImageFacts): ImageSet => {
  const failed = [...found, image].find(({ state }) => brokenImage.includes(state));
  if (failed)
    return {
      action: "out",
      because: `${failed.id} failed: ${failed.because ?? image.because ?? "no reason given"}`,
    };

  const named = image.devices.flatMap(({ snapshot }) => snapshot ?? []);
  const isListed = image.devices.length > 0 && named.length === image.devices.length;
  const set = isListed ? found.filter(({ id }) => named.includes(id)) : found;
  const isWhole =
    (image.devices.length > 0 && set.length === image.devices.length) ||
    (!isListed && manifest.volumes.every(({ volume }) => set.some((one) => one.volume === volume)));
  return isWhole
    ? { action: "adopt", set }
    : { action: "wait", because: `the snapshots of ${image.id} are not completely visible yet` };
};

/** The manifest with the image that the server is launched from, and its snapshots. */
export const withImage = (manifest: Manifest, { id, devices }: Pick<ImageFacts, "id" | "devices">): Manifest => ({
  ...manifest,
  image: id,
  volumes: manifest.volumes.map((volume) => ({
    ...volume,
    snapshot: devices.find(({ device }) => device === volume.device)?.snapshot ?? null,
  })),
});
