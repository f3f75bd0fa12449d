import { CreateTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Clients } from "./clients.ts";

/** Sets one tag of what exists already. Repeatable. */
export const retag = async (clients: Clients, region: string, resources: string[], key: string, value: string) => {
  await clients(EC2Client, region).send(
    new CreateTagsCommand({ Resources: resources, Tags: [{ Key: key, Value: value }] }),
  );
};
