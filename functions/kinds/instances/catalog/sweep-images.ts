import { codeOf } from "../../../aws/calls/errors.ts";
import { deregisterImage } from "../../../aws/ec2/images.ts";
import { wholeImages } from "../../../aws/ec2/source-images.ts";
import type { Budget } from "../../../core/budget.ts";
import type { Run } from "../../../core/model/run.ts";
import { tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";

/** `held`: snapshots that an image needs which a manifest names: they are no surplus. `gone`: images that were taken away. */
export type Released = { held: Set<string>; gone: string[] };

/**
 * Looks for the images of ours that keep these snapshots from being deleted. One that no manifest names goes: it is of a
 * point that was given up, or stands twice. One that is named stays with all its snapshots, also those of a volume that
 * was attached after its server had been described.
 */
export const releaseSnapshots = async (
  { clients, log }: Context,
  run: Run,
  region: string,
  { used, named, budget }: { used: string[]; named: ReadonlySet<string>; budget: Budget },
): Promise<Released> => {
  const released: Released = { held: new Set(), gone: [] };
  const images = used.length ? await wholeImages(clients, region, "block-device-mapping.snapshot-id", used) : [];
  for (const { id, tags, devices } of images.filter(({ tags }) => tags[tagKeys.application] === run.application)) {
    if (named.has(id)) for (const { snapshot } of devices) released.held.add(snapshot ?? "");
    else if (budget.take())
      try {
        await deregisterImage(clients, region, id);
        log.info("image of no use deregistered", { image: id, region, point: tags[tagKeys.point] });
        released.gone.push(id);
      } catch (error) {
        log.warn("image could not be deregistered", { image: id, region, code: codeOf(error) });
      }
  }
  return released;
};
