import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Clients } from "./calls/clients.ts";
import { tryRight } from "./calls/try-right.ts";

/** Writes one text object and gives its s3:// address. */
export const saveObject = async (
  clients: Clients,
  region: string,
  { bucket, key, text, type }: { bucket: string; key: string; text: string; type: string },
): Promise<string> => {
  await clients(S3Client, region).send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: type }),
  );
  return `s3://${bucket}/${key}`;
};

/** May the caller write reports? What a proof has found is one, written over that of the day before. */
export const tryReport = (clients: Clients, region: string, bucket: string, application: string, found: unknown) =>
  tryRight("s3:PutObject", region, () =>
    saveObject(clients, region, {
      bucket,
      key: `${application}/proof.json`,
      type: "application/json",
      text: `${JSON.stringify(found, null, 2)}\n`,
    }),
  );
