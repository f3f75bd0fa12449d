import type { Random } from "./random.ts";

/**
 * How long AWS takes, in seconds. AWS publishes no figures for most of these: where no page gives one, the range is our
 * estimate from common experience, and says so.
 */
export type Range = { low: number; high: number };

export const drawn = (random: Random, { low, high }: Range) => random.between(low, high);

/** One API call, there and back. Estimate; includes another continent. */
export const latencySeconds: Range = { low: 0.03, high: 0.25 };
/**
 * One call of DynamoDB in the caller's own Region: the service takes single-digit milliseconds
 * [https://repost.aws/knowledge-center/dynamodb-high-latency]; what network, TLS and client add to it is an estimate.
 */
export const tableSeconds: Range = { low: 0.01, high: 0.06 };

/** After this, Describe shows what was made or tagged: usually, and once in ten. [EC2dev:eventual-consistency]; figures: estimate. */
const visible: Range = { low: 0, high: 2 };
const visibleLate: Range = { low: 2, high: 5 };
export const visibleAfterSeconds = (random: Random) => drawn(random, random.chance(0.1) ? visibleLate : visible);

/** EC2 instance from RunInstances or StartInstances to `running`, its volumes made from snapshots included. Estimate. */
export const instancePendingSeconds: Range = { low: 10, high: 25 };
/** From `running` to the first good answer of the application: boot with lazily loaded volumes. Estimate. */
export const bootSeconds: Range = { low: 20, high: 80 };
/** From `running` to 2/2 status checks. Checks run each minute [EC2:monitoring-system-instance-status-check]; rest: estimate. */
export const statusChecksSeconds: Range = { low: 60, high: 180 };
/**
 * `stopping`: StopInstances presses the guest's power button, services go on until the shutdown has come to them, and
 * after a few minutes EC2 stops it hard. [EC2:how-ec2-instance-stop-start-works]; figures: estimate.
 */
export const instanceStopSeconds: Range = { low: 15, high: 60 };
/** From StopInstances with Force until `stopped`: a shutdown is tried once more. [SDK EC2: StopInstancesRequest]; figures: estimate. */
export const forcedStopSeconds: Range = { low: 20, high: 60 };
export const instanceTerminateSeconds: Range = { low: 10, high: 40 };
/** How long a terminated instance is still shown: about an hour. [EC2:terminating-instances] */
export const terminatedShownSeconds = 3_600;

/** EBS snapshot, incremental, of a volume of some hundred GiB at most. Estimate. */
export const snapshotSeconds: Range = { low: 60, high: 360 };
/** First copy of a volume to another Region: it is full. [EBS:ebs-copy-snapshot]; figures: estimate, 0.6 to 1 GiB/s with a start-up. */
const copyStartSeconds: Range = { low: 280, high: 400 };
const copySecondsPerGiB: Range = { low: 1, high: 1.6 };
export const fullCopySeconds = (random: Random, sizeGiB: number) =>
  drawn(random, copyStartSeconds) + sizeGiB * drawn(random, copySecondsPerGiB);
/** Later copies of the same volume under the same key carry the changed blocks only. [EBS:ebs-copy-snapshot]; figures: estimate. */
export const incrementalCopySeconds: Range = { low: 120, high: 360 };
/** Until an asynchronous refusal (key, source) shows as state `error`. Estimate. */
export const copyRefusedSeconds: Range = { low: 5, high: 30 };

/** RegisterImage to `available`: nothing is copied. Estimate. */
export const imageSeconds: Range = { low: 2, high: 10 };
