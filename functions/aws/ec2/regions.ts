import { DescribeAvailabilityZonesCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Clients } from "../calls/clients.ts";

/** Asks the API of a Region one cheap question, once: names of its Availability Zones. */
export const zonesOf = async (clients: Clients, region: string): Promise<string[]> => {
  const { AvailabilityZones } = await clients(EC2Client, region, "optional").send(
    new DescribeAvailabilityZonesCommand({}),
  );
  return (AvailabilityZones ?? []).flatMap(({ ZoneName }) => (ZoneName ? [ZoneName] : []));
};
