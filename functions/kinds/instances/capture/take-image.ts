import { codeOf } from "../../../aws/calls/errors.ts";
import { createImage, type WholeImage, wholeImages } from "../../../aws/ec2/source-images.ts";
import { chooseImageSet } from "../../../core/instances/capture/image-capture.ts";
import type { SnapshotFact } from "../../../core/instances/capture/snapshot.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { imageName } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { outcomeOf, refusalOf, type SetOutcome, tagsOf } from "./take-set.ts";

/**
 * As `takeSet`, for an image-based server: CreateImage in the source Region makes its set. The image's name is
 * the idempotency key; its snapshots, which it shows only when it is available, are found by their tags.
 */
export const takeImage = async (
  context: Context,
  run: Run,
  manifest: Manifest,
  found: SnapshotFact[],
  mayStart: () => boolean,
  own: Record<string, string> = {},
): Promise<SetOutcome> => {
  const { server, excluded } = manifest;
  if (excluded?.bootVolume)
    return { outcome: "out", because: `${server}: its image cannot be made without its root device` };
  if (found.length > 0) {
    const image = await imageOf(context, run, manifest);
    if (image) return adopt(manifest, found, image);
  }
  if (!mayStart()) return { outcome: "stop", because: "enough was started for now" };

  const wanted = { instance: server, name: nameOf(run, manifest), without: excluded?.devices ?? [] };
  try {
    const image = await createImage(context.clients, run.source, wanted, { ...own, ...tagsOf(run, manifest) });
    return { outcome: "wait", because: `${server}: ${image} is being made` };
  } catch (error) {
    if (codeOf(error) !== "InvalidAMIName.Duplicate") return refusalOf(server, error);
    const image = await imageOf(context, run, manifest);
    if (image) return adopt(manifest, found, image);
    return { outcome: "wait", because: `${server}: its image exists but is not visible yet` };
  }
};

const adopt = (manifest: Manifest, found: SnapshotFact[], image: WholeImage): SetOutcome => {
  const choice = chooseImageSet(manifest, found, image);
  if (choice.action === "adopt")
    return outcomeOf("found", { ...asTaken(manifest, choice.set), sourceImage: image.id }, choice.set);
  return { outcome: choice.action, because: `${manifest.server}: ${choice.because}` };
};

/** An image of an earlier try was made before the server was frozen. */
const asTaken = (manifest: Manifest, set: SnapshotFact[]): Manifest => {
  const { consistency } = manifest;
  const isOlder = set.some(({ startedAt }) => startedAt < (consistency?.askedAt ?? ""));
  if (!consistency || consistency.because || !isOlder) return manifest;
  return { ...manifest, consistency: { ...consistency, because: "its image was made before it was frozen" } };
};

/** The image with the server's name in the source Region, or null while EC2 shows none. */
const imageOf = async ({ clients }: Context, run: Run, manifest: Manifest): Promise<WholeImage | null> => {
  const [found] = await wholeImages(clients, run.source, "name", [nameOf(run, manifest)]);
  return found ?? null;
};

const nameOf = (run: Run, { point, server }: Manifest) => imageName(run.application, point, server);
