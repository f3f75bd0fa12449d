import { limits } from "../limits.ts";

/**
 * For so long a snapshot that was just made may be missing from a listing; afterwards it counts as gone.
 * Far above what Describe calls lag in practice; AWS gives no figure. [EC2dev:eventual-consistency]
 */
export const unseenSeconds = 120;

/** For so long Describe may not show yet what was made; AWS gives no figure. [EC2dev:eventual-consistency] */
export const visibleSeconds = 5;

/** After so long no Lambda can still ask for what a lost one wrote ahead, and everything that was asked for is visible. */
export const doubtSeconds = limits.longestStepSeconds;
