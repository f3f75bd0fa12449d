import { DescribeSnapshotsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { addKey, findKey } from "../../../simulator/services/kms.ts";
import { aCopiedServer, oneServer } from "../../support/ec2.ts";
import { simulated } from "../../support/simulated.ts";

const region = "eu-central-1";

test("a key is found by alias, id, key ARN and alias ARN of its own Region", () =>
  simulated({ plan: oneServer }, async ({ world, clients }) => {
    const { id, arn } = addKey(world, region, "alias/dr");
    const describe = async (KeyId: string, at = region) =>
      (await clients(KMSClient, at).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;

    for (const reference of ["alias/dr", id, arn, arn.replace(`key/${id}`, "alias/dr")])
      expect(await describe(reference)).toMatchObject({ Arn: arn, Enabled: true, KeyManager: "CUSTOMER" });
    expect(await describe("alias/aws/ebs")).toMatchObject({ KeyManager: "AWS" });
    await expect(describe("alias/dr", "eu-west-1")).rejects.toMatchObject({ name: "NotFoundException" });
    await expect(describe(arn, "eu-west-1")).rejects.toMatchObject({ name: "NotFoundException" });
    findKey(world, region, arn)!.enabled = false;
    expect(await describe("alias/dr")).toMatchObject({ Enabled: false, KeyState: "Disabled" });
  }));

test("a plan may name a key by its id or ARN", () =>
  simulated({ plan: oneServer }, async ({ world }) => {
    const named = addKey(world, region, "arn:aws:kms:eu-central-1:111122223333:key/1234abcd");

    expect(named).toMatchObject({ id: "1234abcd", arn: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd" });
    expect(addKey(world, region, "1234abcd")).toBe(named);
  }));

test("a copy under a key that is not a symmetric one for encryption ends in error", () =>
  simulated(
    { plan: oneServer, inventory: { keys: { "alias/signs": { spec: "RSA_4096", usage: "SIGN_VERIFY" } } } },
    async (live) => {
      const { KeyMetadata } = await live
        .clients(KMSClient, region)
        .send(new DescribeKeyCommand({ KeyId: "alias/signs" }));
      expect(KeyMetadata).toMatchObject({ KeySpec: "RSA_4096", KeyUsage: "SIGN_VERIFY", KeyState: "Enabled" });
      const { copies } = await aCopiedServer(live, undefined, "alias/signs");
      const { Snapshots } = await live
        .clients(EC2Client, region)
        .send(new DescribeSnapshotsCommand({ SnapshotIds: [copies[0]!.id] }));
      expect(Snapshots).toMatchObject([{ State: "error", StateMessage: "Given key ID is not accessible" }]);
    },
  ));

test("quotas can be read: vCPUs of each group of types, functions at once; the caller is the one account", () =>
  simulated({ plan: oneServer, inventory: { vcpus: { Standard: 64, G: 0 } } }, async ({ clients }) => {
    const quota = async (QuotaCode: string, ServiceCode = "ec2") => {
      const asked = new GetServiceQuotaCommand({ ServiceCode, QuotaCode });
      return (await clients(ServiceQuotasClient, region).send(asked)).Quota?.Value;
    };

    expect(await Promise.all(["L-1216C47A", "L-DB2E81BA", "L-7295265B"].map((code) => quota(code)))).toEqual([
      64, 0, 640,
    ]);
    expect(await quota("L-B99A9384", "lambda")).toBe(1_000);
    await expect(quota("L-0")).rejects.toMatchObject({ name: "NoSuchResourceException" });
    const { Account } = await clients(STSClient, region).send(new GetCallerIdentityCommand({}));
    expect(Account).toBe("111122223333");
  }));
