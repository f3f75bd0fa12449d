import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import type { KeyShape } from "../core/instances/launch/key-rules.ts";
import type { Clients } from "./calls/clients.ts";

export type KeyFact = KeyShape;

/**
 * A key by alias, id or ARN. Copies need the ARN: EC2 checks a key only after it has accepted the copy, so a wrong one
 * shows as a copy in `error`. Throws NotFoundException and AccessDeniedException as KMS gives them. [SDK EC2: CopySnapshotRequest]
 */
export const describeKey = async (clients: Clients, region: string, key: string): Promise<KeyFact> => {
  const { KeyMetadata } = await clients(KMSClient, region).send(new DescribeKeyCommand({ KeyId: key }));
  const { Arn = "", KeyState = "Unavailable", KeySpec, KeyUsage, KeyManager, ValidTo } = KeyMetadata ?? {};
  return {
    arn: Arn,
    state: KeyState,
    ...(KeySpec && { spec: KeySpec }),
    ...(KeyUsage && { usage: KeyUsage }),
    ...(KeyManager && { manager: KeyManager }),
    ...(ValidTo && { expiresAt: ValidTo.toISOString() }),
  };
};
