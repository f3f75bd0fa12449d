import { EC2Client, GetInstanceMetadataDefaultsCommand } from "@aws-sdk/client-ec2";
import type { Clients } from "../calls/clients.ts";

/** Does the account refuse every launch with the first metadata service (IMDSv1) in this Region? [EC2: configuring-IMDS-new-instances] */
export const refusesFirstMetadata = async (clients: Clients, region: string): Promise<boolean> => {
  const { AccountLevel } = await clients(EC2Client, region).send(new GetInstanceMetadataDefaultsCommand({}));
  return AccountLevel?.HttpTokensEnforced === "enabled";
};
