import { codeOf } from "../../../aws/calls/errors.ts";
import {
  deregisterImage,
  type ImageFact,
  listImages,
  registerImage,
  tryRegisterImage,
} from "../../../aws/ec2/images.ts";
import { ResourceFailedError, TransientError } from "../../../core/errors.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Run } from "../../../core/model/run.ts";
import { imageName, tagKeys } from "../../../core/names.ts";
import type { Tried } from "../../../core/readiness/proof.ts";
import type { Context } from "../../../runtime/context.ts";

export type EnsuredImage = {
  id: string /** False while EC2 still makes it: it cannot be launched yet. */;
  available: boolean;
};

const nameOf = ({ application, point, server }: Manifest) => imageName(application, point, server);

/** States in which an image will never launch anything. [SDK EC2: ImageState] */
const broken = ["failed", "error", "invalid", "disabled"];

/**
 * The image of one server of a complete point: found by its name, else registered from the copies. Its id is kept in
 * the manifest; `own` are the plan's tags. Throws ResourceFailedError when the manifest cannot make one, TransientError when it must be looked up
 * again. Safe to run twice.
 */
export const ensureImage = async (
  context: Context,
  run: Run,
  manifest: Manifest,
  own: Record<string, string> = {},
): Promise<EnsuredImage> => {
  if (manifest.byImage)
    throw new ResourceFailedError(
      `${manifest.name}: ${manifest.point} has no image with its licence in ${run.target}`,
      "Recover an older point: an image that is registered from snapshots has no licence.",
    );
  const found = await findSound(context, run, manifest);
  const id = found?.id ?? (await registerOrFind(context, run, manifest, own));
  if (manifest.image !== id) await context.store.saveManifest({ ...manifest, image: id });
  return { id, available: found?.state === "available" };
};

/** The id of the image, registered from the copies unless its name is taken: then it is there already. Errors as above. */
export const registerOrFind = async (
  context: Context,
  run: Run,
  manifest: Manifest,
  own: Record<string, string> = {},
): Promise<string> => {
  const root = manifest.volumes.find(({ device }) => device === manifest.rootDevice);
  if (!root?.snapshot)
    throw new ResourceFailedError(
      `${manifest.name}: no copy of its root device ${manifest.rootDevice} in ${manifest.point}`,
      "Do not exclude the root device from protection.",
    );
  const name = nameOf(manifest);
  try {
    return await registerImage(context.clients, run.target, name, manifest, { ...own, ...tagsOf(run, manifest) });
  } catch (error) {
    if (codeOf(error) !== "InvalidAMIName.Duplicate") throw error;
    const found = await findSound(context, run, manifest);
    if (found) return found.id;
    throw new TransientError(`image ${name} exists but is not visible yet`);
  }
};

/** Tries to register the image of a server, whether or not it has one; nothing where only EC2 itself may make one. */
export const tryImage = async (
  { clients }: Context,
  run: Run,
  manifest: Manifest,
  own: Record<string, string> = {},
): Promise<Tried[]> =>
  manifest.byImage
    ? []
    : [await tryRegisterImage(clients, run.target, nameOf(manifest), manifest, { ...own, ...tagsOf(run, manifest) })];

/** The image with the server's name, if there is one. A broken one is taken away, so that the next try makes a good one. */
const findSound = async ({ clients }: Context, run: Run, manifest: Manifest): Promise<ImageFact | undefined> => {
  const [found] = await listImages(clients, run.target, [{ Name: "name", Values: [nameOf(manifest)] }]);
  if (!found || !broken.includes(found.state)) return found;
  await deregisterImage(clients, run.target, found.id);
  throw new TransientError(`image ${found.id} of ${manifest.name} was ${found.state} and is made again`);
};

const tagsOf = (run: Run, { application, resource, point, server }: Manifest) => ({
  [tagKeys.application]: application,
  [tagKeys.resource]: resource,
  [tagKeys.point]: point,
  [tagKeys.server]: server,
  [tagKeys.sourceRegion]: run.source,
});
