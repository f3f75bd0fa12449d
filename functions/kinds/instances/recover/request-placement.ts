import { codeOf, isPassing } from "../../../aws/calls/errors.ts";
import type { Instance } from "../../../aws/ec2/instances.ts";
import { tagSpecification } from "../../../aws/ec2/tags.ts";
import { ResourceFailedError } from "../../../core/errors.ts";
import { launchRequest, reactionTo, tagsOf } from "../../../core/instances/launch/launch-request.ts";
import type { Placement } from "../../../core/instances/launch/placement.ts";
import type { Resource } from "../../../core/model/plan.ts";
import type { Manifest } from "../../../core/model/recovery-point.ts";
import type { Server } from "../../../core/model/server.ts";
import { ensureImage } from "../catalog/image.ts";
import { imageWaitSeconds, isInvisibleNoMore, notShownYet } from "./launch-clocks.ts";
import type { Scene } from "./launch-scene.ts";
import { findByTokens, isEnded } from "./launched.ts";
import { isFree, startInstance } from "./start-instance.ts";

/** What the request of a server is made of, beside its slot. */
export type Given = { resource: Resource; manifest: Manifest; image: string; userData: string | null };

/** An instance; or when to ask this slot again; or a refusal: `full` for all servers now, else of this server for good. */
export type PlacementReply =
  | { instance: Instance }
  | { waitSeconds: number; because: string }
  | { code: string; message: string; full: boolean; everywhere: boolean };

const leavingWaitSeconds = 5;
const messageMax = 200;

/** Asks EC2 for one server in one slot. Throws passing errors, and ResourceFailedError when its image is gone. */
export const requestPlacement = async (
  scene: Scene,
  server: Server,
  slot: Placement,
  given: Given,
  fresh = false,
): Promise<PlacementReply> => {
  const { context, run } = scene;
  const { tags, volume } = tagsOf(run, server, given.resource, given.manifest);
  const request = {
    ...launchRequest({ run, server, slot, ...given }),
    TagSpecifications: [
      tagSpecification("instance", tags),
      tagSpecification("volume", volume),
      tagSpecification("network-interface", tags),
    ],
  };
  try {
    const instance = await startInstance(scene, run.target, request, isFree(given.resource));
    if (!instance) return { waitSeconds: 0, because: "IMDSv1 is refused: asked for with IMDSv2 in the next pass" };
    scene.noteReply(null);
    return { instance };
  } catch (error) {
    const { message } = error as Error;
    const code = codeOf(error);
    scene.noteReply(code);
    const reaction = reactionTo(code);
    if (reaction === "passing" || (reaction === "unsuitable" && isPassing(error))) throw error;
    context.log.warn("slot refused", { server: server.server, slot: slot.name, code, because: message });
    if (reaction === "launched") {
      const [live] = (await findByTokens(context, run, server.server, [slot.name])).filter((one) => !isEnded(one));
      if (live) return { instance: live };
      throw notShownYet(server, slot.name);
    }
    if (reaction === "image") return withoutImage(scene, server, slot, given, fresh, `${code}: ${message}`);
    if (reaction === "address" && scene.leaving.has(slot.address ?? "")) {
      const because = `${slot.address} is still with ${scene.leaving.get(slot.address ?? "")}, which goes away`;
      return { waitSeconds: leavingWaitSeconds, because };
    }
    const full = reaction === "capacity" || reaction === "quota" || reaction === "verification";
    return { code, message: message.slice(0, messageMax), full, everywhere: reaction === "verification" };
  }
};

/** An image that is not there (yet): made again when it can be, looked for again while it may only be invisible. */
const withoutImage = async (
  scene: Scene,
  server: Server,
  slot: Placement,
  given: Given,
  fresh: boolean,
  because: string,
): Promise<PlacementReply> => {
  const { context, run } = scene;
  const { manifest } = given;
  // one with a licence cannot be made again
  const known =
    fresh || manifest.byImage
      ? null
      : await ensureImage(context, run, { ...manifest, image: null }, given.resource.tags);
  if (known?.available && known.id !== given.image)
    return requestPlacement(scene, server, slot, { ...given, image: known.id }, true);
  if (known?.available === false || !isInvisibleNoMore(server, context.now()))
    return { waitSeconds: imageWaitSeconds, because };
  throw new ResourceFailedError(
    `${server.name}: ${slot.name}: ${because}`,
    "Correct launch in the plan, or fix the cause that the message gives.",
  );
};
