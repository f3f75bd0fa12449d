import { secondsSince } from "../../../core/clock/time.ts";
import { ResourceFailedError, TransientError } from "../../../core/errors.ts";
import { limits } from "../../../core/limits.ts";
import type { Server } from "../../../core/model/server.ts";

export const imageWaitSeconds = 5;
/** How long an image or a snapshot may stay invisible before it counts as missing. [EC2dev:eventual-consistency] */
const invisibleSecondsMax = 120;

/** Has this server been tried for longer than what was made may stay invisible? */
export const isInvisibleNoMore = ({ launchSince }: Server, now: Date) =>
  secondsSince(launchSince ?? now.toISOString(), now) > invisibleSecondsMax;

/** Throws ResourceFailedError once a server has waited for room for too long. */
export const judgeLaunchTime = ({ name, launchSince }: Server, because: string, now: Date) => {
  const seconds = /PendingVerification/.test(because) ? limits.verificationSeconds : limits.launchSeconds;
  if (launchSince === null || secondsSince(launchSince, now) <= seconds) return;
  throw new ResourceFailedError(
    `${name}: not launched within ${seconds / 60} min: ${because}`,
    /LimitExceeded/.test(because)
      ? "Ask for a higher quota in the recovery Region."
      : "Add instance types or subnets to the plan's launch, or reserve capacity in the recovery Region.",
  );
};

export const notShownYet = ({ name }: Server, slot: string) =>
  new TransientError(`${name}: launched before with ${slot}, but EC2 does not show it yet`);
