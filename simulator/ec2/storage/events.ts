/** EventBridge events of EBS and EC2. */

import { account, type BusEvent, isoOf, type World } from "../../kernel.ts";
import type { Instance, Snapshot } from "../state.ts";

/** Snapshot and volume ARNs in EBS events have no account, and two colons before the Region. [EBS:ebs-cloud-watch-events] */
const ebsArn = (region: string, kind: "snapshot" | "volume", id: string) => `arn:aws:ec2::${region}:${kind}/${id}`;

const times = ({ startedAt }: Snapshot, endedAt: number) => ({
  startTime: isoOf(startedAt).replace(/\.\d{3}/, ""),
  endTime: isoOf(endedAt).replace(/\.\d{3}/, ""),
});

/** `EBS Snapshot Notification` of a finished snapshot (createSnapshot) or copy (copySnapshot, in its destination). */
export const tellSnapshot = (world: World, region: string, snapshot: Snapshot, incremental = false) => {
  const { copyOf, state, stateMessage } = snapshot;
  const arn = ebsArn(region, "snapshot", snapshot.id);
  world.emit({
    "detail-type": "EBS Snapshot Notification",
    source: "aws.ec2",
    region,
    resources: [arn],
    detail: {
      event: copyOf ? "copySnapshot" : "createSnapshot",
      result: state === "completed" ? "succeeded" : "failed",
      cause: stateMessage ?? "",
      "request-id": "",
      snapshot_id: arn,
      source: copyOf ? ebsArn(copyOf.region, "snapshot", copyOf.snapshot) : ebsArn(region, "volume", snapshot.volume),
      ...times(snapshot, world.now()),
      ...(copyOf && { incremental: String(incremental), transferType: transferOf(snapshot) }),
    },
  });
};

const transferOf = ({ minutes }: Snapshot) => (minutes ? "time-based" : "standard");

/** `EBS Copy Snapshot Missed Completion Duration`; its ARNs have the account. [EBS:ebs-cloud-watch-events] */
export const tellMissed = (world: World, region: string, { id, copyOf }: Snapshot) => {
  const arnOf = (place: string, name: string) => `arn:aws:ec2:${place}:${account}:snapshot/${name}`;
  world.emit({
    "detail-type": "EBS Copy Snapshot Missed Completion Duration",
    source: "aws.ec2",
    region,
    resources: [arnOf(region, id)],
    detail: {
      event: "copySnapshot",
      missedCompletionDurationCause: "Throughput quota",
      snapshot_id: arnOf(region, id),
      source: arnOf(copyOf!.region, copyOf!.snapshot),
    },
  });
};

/** `EBS Multi-Volume Snapshots Completion Status` of one CreateSnapshots call. */
export const tellSnapshotSet = (world: World, region: string, set: Snapshot[]) => {
  const failed = set.find(({ state }) => state === "error");
  world.emit({
    "detail-type": "EBS Multi-Volume Snapshots Completion Status",
    source: "aws.ec2",
    region,
    resources: set.map(({ id }) => ebsArn(region, "snapshot", id)),
    detail: {
      event: "createSnapshots",
      result: failed ? "failed" : "succeeded",
      cause: failed ? `Snapshot ${failed.id} is in status error` : "",
      "request-id": "",
      ...times(set[0]!, world.now()),
      snapshots: set.map(({ id, volume, state }) => ({
        snapshot_id: ebsArn(region, "snapshot", id),
        source: ebsArn(region, "volume", volume),
        status: state,
      })),
    },
  });
};

/** `EC2 Instance State-change Notification`. [EC2:monitoring-instance-state-changes] */
export const tellInstance = (world: World, region: string, { id, state }: Instance) =>
  world.emit({
    "detail-type": "EC2 Instance State-change Notification",
    source: "aws.ec2",
    region,
    resources: [`arn:aws:ec2:${region}:${account}:instance/${id}`],
    detail: { "instance-id": id, state },
  });

/** Whether the rule that is deployed for ends of snapshots (infra/snapshot-events.ts) lets this event through. */
export const tellsOfSnapshots = ({ source, detail }: BusEvent) =>
  source === "aws.ec2" && (detail.event === "createSnapshots" || detail.event === "copySnapshot");
