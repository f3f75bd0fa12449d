import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { createClients } from "../../../functions/aws/calls/clients.ts";
import { describeKey } from "../../../functions/aws/kms.ts";
import { judgeKey } from "../../../functions/core/instances/launch/conditions.ts";

/** EBS takes symmetric encryption keys only: a copy under another one ends in error, a launch in Client.InternalError. */
describe("a key that EBS cannot use is a problem of Preflight", () => {
  it.each([
    ["RSA_4096", "ENCRYPT_DECRYPT"],
    ["ECC_NIST_P256", "SIGN_VERIFY"],
    ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ])("%s", async (KeySpec, KeyUsage) => {
    const kms = mockClient(KMSClient);
    const Arn = "arn:aws:kms:eu-central-1:111122223333:key/0c0c0c0c-0000-4000-8000-000000000001";
    kms.on(DescribeKeyCommand).resolves({
      KeyMetadata: {
        KeyId: Arn.slice(-36),
        Arn,
        KeyState: "Enabled",
        Enabled: true,
        KeySpec,
        KeyUsage,
        KeyManager: "CUSTOMER",
      } as never,
    });
    const found = await describeKey(createClients(), "eu-central-1", "alias/lifeboat");
    kms.restore();
    expect(judgeKey("web", "alias/lifeboat", "eu-central-1", found)).toHaveLength(1);
  });
});
