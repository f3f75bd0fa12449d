/** Time-based copies: limits and durations. */

import { AwsError, type World } from "../../kernel.ts";
import { ec2Of, type Snapshot } from "../state.ts";

/** MiB/s of one time-based copy, and of all of them between two Regions. [EBS:time-based-copies] */
const throughputOfOne = 500;
const throughputOfAll = 2_000;
const minutesMax = 2_880;

const rateOf = ({ sizeGiB }: { sizeGiB: number }, minutes: number) => (sizeGiB * 1_024) / (minutes * 60);

/** What the time-based copies in progress leave of the throughput between two Regions, MiB/s. */
const throughputLeft = (world: World, region: string, from: string, without?: Snapshot) =>
  [...ec2Of(world, region).snapshots.values()]
    .filter((one) => one !== without && one.minutes && one.state === "pending" && one.copyOf?.region === from)
    .reduce((left, one) => left - rateOf(one, one.minutes!), throughputOfAll);

/** Refuses a duration that EBS does not offer, one that is too short, and any when nothing is left of the throughput. */
export const checkDuration = (world: World, region: string, source: Snapshot, from: string, minutes: number | null) => {
  if (minutes === null) return;
  if (minutes % 15 !== 0 || minutes < 15 || minutes > minutesMax)
    throw new AwsError("InvalidParameterValue", `CompletionDurationMinutes ${minutes}: 15 to 2880, in steps of 15`);
  if (rateOf(source, minutes) > throughputOfOne)
    throw new AwsError("InvalidParameterValue", `${source.sizeGiB} GiB cannot be copied in ${minutes} minutes`);
  if (throughputLeft(world, region, from) <= 0)
    throw new AwsError("ResourceLimitExceeded", "The throughput of time-based copies between the Regions is used up");
};

/** Seconds that a time-based copy takes: as long as is allowed, at most; longer when too little throughput is left. */
export const timeBasedSeconds = (world: World, region: string, copy: Snapshot, standardSeconds: number) => {
  const minutes = copy.minutes!;
  const left = Math.max(1, throughputLeft(world, region, copy.copyOf!.region, copy));
  const slowed = Math.max(1, rateOf(copy, minutes) / left);
  const share = world.random.fork(`time-based ${copy.id}`).between(0.7, 0.98);
  return Math.min(standardSeconds, minutes * 60 * share * slowed);
};
