import { bothRegions } from "../functions/core/model/direction.ts";
import type { Plan } from "../functions/core/model/plan.ts";
import { accountId } from "./fragment.ts";

/** Both Regions of a plan that protects something: copies end in the one, snapshots in the other. */
export const snapshotRegions = ({ protect, regions }: Plan): string[] =>
  protect.length > 0 ? bothRegions({ regions }) : [];

/** One event tells of a whole set, so those of its single snapshots are left out. */
const eventsOfSets = ["createSnapshots", "copySnapshot"];

/**
 * Event pattern for snapshots and copies that have ended, well or badly. Their events carry no tag: wake asks whether
 * somebody waits for them. [EBS:ebs-cloud-watch-events]
 */
export const snapshotsEnded = (regions: string[]) => ({
  account: [accountId],
  source: ["aws.ec2"],
  "detail-type": ["EBS Snapshot Notification", "EBS Multi-Volume Snapshots Completion Status"],
  region: regions,
  detail: { event: eventsOfSets },
});
