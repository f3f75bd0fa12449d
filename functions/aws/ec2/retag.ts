import { CreateTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Clients } from "../calls/clients.ts";

/** Sets these tags of what exists already, and leaves all others. Repeatable. */
export const retag = async (clients: Clients, region: string, resources: string[], tags: Record<string, string>) => {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await clients(EC2Client, region).send(new CreateTagsCommand({ Resources: resources, Tags }));
};
