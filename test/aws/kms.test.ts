import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { expect, it } from "vitest";
import { describeKey } from "../../functions/aws/kms.ts";
import { aContext } from "../support/context.ts";

const kms = mockClient(KMSClient);

it("gives the ARN and the state of a key by its alias", async () => {
  const { clients } = aContext();
  kms
    .on(DescribeKeyCommand)
    .resolvesOnce({ KeyMetadata: { KeyId: "1", Arn: "arn:key", KeyState: "Disabled" } })
    .resolves({});

  expect(await describeKey(clients, "eu-central-1", "alias/lifeboat")).toEqual({ arn: "arn:key", state: "Disabled" });
  expect(await describeKey(clients, "eu-central-1", "alias/lifeboat")).toEqual({ arn: "", state: "Unavailable" });
  expect(kms).toHaveReceivedNthCommandWith(DescribeKeyCommand, 1, { KeyId: "alias/lifeboat" });
});
