/** Stop and termination protection. */

import { AwsError, type World } from "../kernel.ts";
import { ec2Of, type Instance, known } from "./state.ts";

/** DisableApiStop, set on the server or by the scenario. */
export const isStopProtected = (world: World, { id, stopProtected }: Instance): boolean =>
  stopProtected || world.faults.isStopProtected(world.now(), world.random.fork(`stop protection of ${id}`));

/**
 * One server that may not be stopped is the answer to the whole call: none of the others is stopped. [OperationNotPermitted and
 * UnsupportedOperation as cloud-custodian#8007 and terraform-aws-lambda-scheduler-stop-start#8 met them]
 */
export const refuseStop = (world: World, instances: Instance[]) => {
  const kept = instances.find((instance) => isStopProtected(world, instance));
  if (kept) throw notPermitted(kept.id, "stopped", "disableApiStop");
  const spot = instances.find((instance) => instance.spot === "one-time");
  if (spot)
    throw new AwsError(
      "UnsupportedOperation",
      `You can't stop the Spot Instance '${spot.id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
    );
};

/**
 * Those that TerminateInstances ends, and what it answers: a protected server keeps the others of its own zone, not those of
 * other zones. Protection against stopping protects against termination, too. [EC2:Using_ChangingDisableAPITermination, EC2:ec2-stop-protection]
 */
export const terminable = (world: World, region: string, ids: string[]) => {
  const { instances, subnets } = ec2Of(world, region);
  const zoneOf = ({ subnet }: Instance) => subnets.get(subnet)?.zone;
  const found = ids.map((id) => known(world, instances, id, "instance"));
  const kept = found.filter((one) => one.terminationProtected || isStopProtected(world, one));
  const zones = new Set(kept.map(zoneOf));
  const [first] = kept;
  return {
    may: found.filter((one) => !zones.has(zoneOf(one))).map(({ id }) => id),
    refusal: first
      ? notPermitted(first.id, "terminated", first.terminationProtected ? "disableApiTermination" : "disableApiStop")
      : null,
  };
};

const notPermitted = (id: string, what: string, attribute: string) =>
  new AwsError(
    "OperationNotPermitted",
    `The instance '${id}' may not be ${what}. Modify its '${attribute}' instance attribute and try again.`,
  );
