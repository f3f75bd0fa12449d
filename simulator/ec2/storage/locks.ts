/** Snapshot locks. */

import type { LockSnapshotRequest } from "@aws-sdk/client-ec2";
import { AwsError, type Services } from "../../kernel.ts";
import { ec2Of, known, type Snapshot } from "../state.ts";

const dayMs = 86_400_000;

export const locks: Services["EC2"] & object = {
  /** Until then nobody deletes it. DescribeSnapshots tells nothing of it. [SDK EC2: LockSnapshotRequest] */
  LockSnapshot(input: LockSnapshotRequest, { world, region }) {
    const { SnapshotId, LockMode, LockDuration = 0 } = input;
    const snapshot = known(world, ec2Of(world, region).snapshots, SnapshotId, "snapshot");
    if (LockMode !== "governance") throw new Error(`simulator/ec2/storage/locks.ts: mode ${LockMode} is not simulated`);
    if (LockDuration < 1 || LockDuration > 36_500)
      throw new AwsError("InvalidParameterValue", "LockDuration must be between 1 and 36500 days");
    if (snapshot.state === "error") throw new AwsError("IncorrectState", `Snapshot ${snapshot.id} is in state error`);
    snapshot.lockedUntil = world.now() + LockDuration * dayMs;
    return {
      SnapshotId: snapshot.id,
      LockState: "governance",
      LockDuration,
      LockCreatedOn: new Date(world.now()),
      LockDurationStartTime: new Date(world.now()),
      LockExpiresOn: new Date(snapshot.lockedUntil),
    };
  },
};

/** The code of this refusal is documented nowhere: an estimate. */
export const checkUnlocked = ({ id, lockedUntil }: Snapshot, now: number) => {
  if (lockedUntil !== null && now < lockedUntil)
    throw new AwsError("SnapshotLocked", `The snapshot ${id} is locked until ${new Date(lockedUntil).toISOString()}`);
};
