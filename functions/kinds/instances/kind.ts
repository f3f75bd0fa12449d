import type { Kind } from "../contract.ts";
import { exposure } from "./exposure.ts";
import { usablePoint } from "./readiness/usable-point.ts";

/** Servers with their volumes, recovered from snapshots: each verb is a state with a function of its own. */
export const instances: Kind = {
  exposure,
  assess: async (context, run, resource, pinned) => {
    const newest = pinned ?? (await exposure(context, run, resource, null)).point ?? undefined;
    const { problems, warnings, instead } = await usablePoint(context, run, resource, newest);
    return { problems, warnings: [...(instead ? [instead] : []), ...warnings] };
  },
  states: {
    protect: ["Snapshot", "Copy", "Catalog"],
    fence: ["Fence"],
    promote: ["Launch", "CheckProgress", "Attach"],
    verify: ["Verify", "JudgeWave"],
  },
};
