import { codeOf, isPassing } from "../../../aws/calls/errors.ts";
import { deregisterImage } from "../../../aws/ec2/images.ts";
import { listSnapshots } from "../../../aws/ec2/snapshots.ts";
import { copyImage, type WholeImage, wholeImages } from "../../../aws/ec2/source-images.ts";
import { TransientError } from "../../../core/errors.ts";
import { brokenImage } from "../../../core/instances/capture/image-capture.ts";
import { imageCopyToken } from "../../../core/instances/copy/image-copy-token.ts";
import type { ImageCopy } from "../../../core/instances/copy/judge-copy.ts";
import type { QueueEntry } from "../../../core/instances/copy/queue.ts";
import type { Run } from "../../../core/model/run.ts";
import { imageName, tagKeys } from "../../../core/names.ts";
import type { Context } from "../../../runtime/context.ts";
import { unlessSilent } from "../capture/replication.ts";

/**
 * Starts the copy of one server's image in the target Region, or finds the one that an earlier call started, and gives
 * its id. `tags` name application, resource, point and server; `key` is an ARN, or null. One that failed before is
 * deregistered first, as it has the name. Throws TransientError when EC2 knows the name but does not show the image yet, and
 * while the source image is pending: its snapshots are completed a moment before it is available.
 */
export const startImageCopy = async (
  context: Context,
  run: Run,
  entry: QueueEntry,
  tags: Record<string, string>,
  key: string | null,
  minutes: number | null = null,
): Promise<string> => {
  const point = tags[tagKeys.point] ?? "";
  const source = { region: run.source, image: entry.from };
  const wanted = { name: imageName(run.application, point, entry.server), token: imageCopyToken(point, entry) };
  try {
    return await copyImage(context.clients, run.target, source, { ...wanted, key, minutes }, tags);
  } catch (error) {
    if (isPassing(error)) throw error;
    if (!duplicateCodes.includes(codeOf(error))) throw (await isBeingMade(context, run, entry.from)) ?? error;
    const [found] = await wholeImages(context.clients, run.target, "name", [wanted.name]);
    if (found && stateOf(found) !== "failed") return found.id;
    if (found) await deregisterImage(context.clients, run.target, found.id);
    throw new TransientError(
      found ? `image ${found.id} had failed and is made again` : `image ${wanted.name} exists but is not visible yet`,
    );
  }
};

const duplicateCodes = ["InvalidAMIName.Duplicate", "IdempotentParameterMismatch"];

const isBeingMade = async (context: Context, run: Run, id: string): Promise<TransientError | null> => {
  const ask = () => wholeImages(context.clients, run.source, "image-id", [id]);
  const [source] = (await unlessSilent(context, run, ask)) ?? [];
  return source && stateOf(source) === "pending" ? new TransientError(`image ${id} is still being made`) : null;
};

/**
 * State of these images of one Region; one that EC2 does not show is left out. `available` only when each of its
 * snapshots is completed, too: a snapshot that no listing shows yet counts as pending.
 */
export const imageCopyStates = async (
  { clients }: Context,
  region: string,
  ids: string[],
): Promise<Map<string, ImageCopy>> => {
  const images = await wholeImages(clients, region, "image-id", ids);
  const states = await snapshotStates(clients, region, images.filter(isAvailable).flatMap(snapshotsOf));
  return new Map(images.map((image) => [image.id, copyStateOf(image, states)]));
};

const copyStateOf = (image: WholeImage, states: Map<string, string>): ImageCopy => {
  const snapshots = image.devices.flatMap(({ device, snapshot }) => (snapshot ? { device, snapshot } : []));
  const state = stateOf(image);
  if (state !== "available") return { state, because: image.because, snapshots };
  const broken = snapshots.find(({ snapshot }) => states.get(snapshot) === "error");
  if (broken) return { state: "failed", because: `${broken.snapshot} is in error`, snapshots };
  const isWhole =
    snapshots.length === image.devices.length &&
    snapshots.every(({ snapshot }) => states.get(snapshot) === "completed");
  return { state: isWhole ? "available" : "pending", because: null, snapshots };
};

const snapshotStates = async (clients: Context["clients"], region: string, ids: string[]) => {
  const listed = await listSnapshots(clients, region, [{ Name: "snapshot-id", Values: ids }]);
  return new Map(listed.map(({ id, state }) => [id, state]));
};

const stateOf = ({ state }: WholeImage): ImageCopy["state"] =>
  state === "available" ? "available" : brokenImage.includes(state) ? "failed" : "pending";

const isAvailable = (image: WholeImage) => stateOf(image) === "available";
const snapshotsOf = ({ devices }: WholeImage) => devices.flatMap(({ snapshot }) => snapshot ?? []);
