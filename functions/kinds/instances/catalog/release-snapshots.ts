import { codeOf } from "../../../aws/calls/errors.ts";
import { deregisterImage } from "../../../aws/ec2/images.ts";
import { wholeImages } from "../../../aws/ec2/source-images.ts";
import type { Budget } from "../../../core/budget.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";

/** `needed`: snapshots of an image that a manifest references, which are no orphans. `gone`: deregistered images. */
export type ReleaseResult = { needed: Set<string>; gone: string[] };

/**
 * Lists our images that use these snapshots. One that no manifest references is deregistered: its point was discarded,
 * or it is a duplicate. One that is referenced stays with all its snapshots, also those of a volume that was attached
 * after its server had been described.
 */
export const releaseSnapshots = async (
  { clients, log }: Context,
  run: Run,
  region: string,
  { used, referenced, budget }: { used: string[]; referenced: ReadonlySet<string>; budget: Budget },
): Promise<ReleaseResult> => {
  const released: ReleaseResult = { needed: new Set(), gone: [] };
  const images = used.length ? await wholeImages(clients, region, "block-device-mapping.snapshot-id", used) : [];
  for (const { id, tags, devices } of images.filter(({ tags }) => tags[tagKeys.application] === run.application)) {
    if (referenced.has(id)) for (const { snapshot } of devices) released.needed.add(snapshot ?? "");
    else if (budget.take())
      try {
        await deregisterImage(clients, region, id);
        log.info("unused image deregistered", { image: id, region, point: tags[tagKeys.point] });
        released.gone.push(id);
      } catch (error) {
        log.warn("image could not be deregistered", { image: id, region, code: codeOf(error) });
      }
  }
  return released;
};
