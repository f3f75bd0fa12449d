import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Clients } from "../functions/aws/clients.ts";
import { codeOf } from "../functions/aws/errors.ts";
import { ScriptError } from "./arguments.ts";

const noCredentials = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
]);

/** The account that the credentials belong to. Throws ScriptError when there are none that work. */
export const accountOf = async (clients: Clients, region: string): Promise<string> => {
  try {
    const { Account } = await clients(STSClient, region).send(new GetCallerIdentityCommand({}));
    return Account ?? "";
  } catch (error) {
    if (!noCredentials.has(codeOf(error)))
      throw new ScriptError(
        `AWS in ${region} did not answer: ${(error as Error).message}`,
        "Check the network, then try again.",
        1,
        { cause: error },
      );
    throw new ScriptError(
      "no AWS credentials that work",
      "Log in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. `npm run package` needs none.",
      1,
      { cause: error },
    );
  }
};
