import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Environment } from "./environment.ts";

/** Every server of a Region, as EC2 tells of it. */
export const instances = async ({ clients }: Pick<Environment, "clients">, region: string) => {
  const { Reservations = [] } = await clients(EC2Client, region).send(new DescribeInstancesCommand({}));
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ State, PublicIpAddress }) => ({
    state: State?.Name,
    address: PublicIpAddress,
  }));
};
