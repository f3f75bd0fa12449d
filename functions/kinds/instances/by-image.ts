import { codeOf, isPassing } from "../../aws/errors.ts";
import { createImage, type WholeImage, wholeImages } from "../../aws/source-images.ts";
import { chooseImageSet } from "../../core/by-image.ts";
import { imageName, tagKeys } from "../../core/names.ts";
import type { Manifest } from "../../core/point.ts";
import { withSet } from "../../core/point-sets.ts";
import type { Run } from "../../core/run.ts";
import type { SnapshotFact } from "../../core/snapshot-fact.ts";
import type { Context } from "../../runtime/context.ts";
import type { SetOutcome } from "./take-set.ts";

const later = ["SnapshotCreationPerVolumeRateExceeded", "ConcurrentSnapshotLimitExceeded"];
/** What AWS refuses to one server with these, it refuses to all. */
const forAll = [
  "SnapshotLimitExceeded",
  "UnauthorizedOperation",
  "AuthFailure",
  "OptInRequired",
  "PendingVerification",
];

/**
 * As `takeSet`, for a server that goes by an image: CreateImage in the source Region makes its set. The image's name is
 * the idempotency key; its snapshots, which it shows only when it is available, are found by their tags.
 */
export const takeByImage = async (
  context: Context,
  run: Run,
  manifest: Manifest,
  found: SnapshotFact[],
  mayStart: () => boolean,
): Promise<SetOutcome> => {
  const { server, excluded } = manifest;
  if (excluded?.bootVolume)
    return { outcome: "out", because: `${server}: its image cannot be made without its root device` };
  if (found.length > 0) {
    const image = await imageOf(context, run, manifest);
    if (image) return outcomeOf(manifest, found, image);
  }
  if (!mayStart()) return { outcome: "stop", because: "enough was started for now" };

  const wanted = { instance: server, name: nameOf(run, manifest), without: excluded?.devices ?? [] };
  try {
    const image = await createImage(context.clients, run.source, wanted, tagsOf(run, manifest));
    return { outcome: "wait", because: `${server}: ${image} is being made` };
  } catch (error) {
    const code = codeOf(error);
    const because = `${server}: ${code}: ${(error as Error).message}`;
    if (later.includes(code)) return { outcome: "wait", because };
    if (isPassing(error)) return { outcome: "stop", because };
    if (code !== "InvalidAMIName.Duplicate") return { outcome: forAll.includes(code) ? "refused" : "out", because };
    const image = await imageOf(context, run, manifest);
    return image ? outcomeOf(manifest, found, image) : { outcome: "wait", because };
  }
};

const outcomeOf = (manifest: Manifest, found: SnapshotFact[], image: WholeImage): SetOutcome => {
  const { server } = manifest;
  const choice = chooseImageSet(manifest, found, image);
  if (choice.action !== "adopt") return { outcome: choice.action, because: `${server}: ${choice.because}` };
  const taken: Manifest = { ...withSet(manifest, choice.set), sourceImage: image.id };
  if (taken.volumes.length === 0) return { outcome: "out", because: `${server} has none of its volumes any more` };
  const kept = new Set(taken.volumes.map(({ volume }) => volume));
  const lost = manifest.volumes.flatMap(({ volume }) => (kept.has(volume) ? [] : `${volume} of ${server}`));
  return { outcome: "found", because: `image ${image.id}`, manifest: taken, lost };
};

/** The image that stands under the server's name in the source Region, or null while EC2 shows none. */
const imageOf = async ({ clients }: Context, run: Run, manifest: Manifest): Promise<WholeImage | null> => {
  const [found] = await wholeImages(clients, run.source, "name", [nameOf(run, manifest)]);
  return found ?? null;
};

const nameOf = (run: Run, { point, server }: Manifest) => imageName(run.application, point, server);

const tagsOf = (run: Run, manifest: Manifest) => ({
  [tagKeys.application]: run.application,
  [tagKeys.resource]: manifest.resource,
  [tagKeys.point]: manifest.point,
  [tagKeys.server]: manifest.server,
  [tagKeys.sourceRegion]: run.source,
});
