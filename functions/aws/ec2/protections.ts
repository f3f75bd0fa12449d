import { DescribeInstanceAttributeCommand, EC2Client, type InstanceAttributeName } from "@aws-sdk/client-ec2";
import type { Clients } from "../calls/clients.ts";

/** What only DescribeInstanceAttribute tells, an attribute a call. [SDK EC2: InstanceAttributeName] */
export type Protections = { stop: boolean; termination: boolean; endsItself: boolean };

/**
 * Whether EC2 refuses to stop an instance, or to end it, and whether its own shutdown ends it. Throws when one of the three
 * calls fails.
 */
export const protectionsOf = async (clients: Clients, region: string, id: string): Promise<Protections> => {
  const ask = (Attribute: InstanceAttributeName) =>
    clients(EC2Client, region).send(new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute }));
  const [stop, termination, shutdown] = await Promise.all([
    ask("disableApiStop"),
    ask("disableApiTermination"),
    ask("instanceInitiatedShutdownBehavior"),
  ]);
  return {
    stop: stop.DisableApiStop?.Value ?? false,
    termination: termination.DisableApiTermination?.Value ?? false,
    endsItself: shutdown.InstanceInitiatedShutdownBehavior?.Value === "terminate",
  };
};
