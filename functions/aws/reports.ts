import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Clients } from "./clients.ts";

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
