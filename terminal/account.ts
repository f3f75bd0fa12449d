import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Clients } from "../functions/aws/calls/clients.ts";

/** The account that the credentials belong to. */
export const accountOf = async (clients: Clients, region: string): Promise<string> => {
  const { Account } = await clients(STSClient, region).send(new GetCallerIdentityCommand({}));
  return Account ?? "";
};
