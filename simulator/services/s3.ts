/** S3: objects of the buckets of one Region. */

import { Readable } from "node:stream";
import type { GetObjectRequest, ListObjectsV2Request, PutObjectRequest } from "@aws-sdk/client-s3";
import { sdkStreamMixin } from "@smithy/core/serde";
import { AwsError, type Operation, type World } from "../kernel.ts";

type Stored = { body: Buffer; contentType: string; at: number };
/** `bucket/key` -> object, of one Region. A bucket is there once it is named. */
type Objects = Map<string, Stored>;

const pageMax = 1_000;

/** S3 as far as reports need it: strongly consistent objects of one Region. [S3:Welcome] */
export const s3: Record<string, Operation> = {
  PutObject: (input: PutObjectRequest, { world, region }) => {
    const key = `${input.Bucket}/${input.Key}`;
    const all = objects(world, region);
    if (input.IfNoneMatch === "*" && all.has(key))
      throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
    all.set(key, {
      body: toBuffer(input.Body),
      contentType: input.ContentType ?? "application/octet-stream",
      at: world.now(),
    });
    return {};
  },

  GetObject: (input: GetObjectRequest, { world, region }) => {
    const found = objects(world, region).get(`${input.Bucket}/${input.Key}`);
    if (!found) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    return {
      Body: sdkStreamMixin(Readable.from([found.body])),
      ContentLength: found.body.length,
      ContentType: found.contentType,
      LastModified: new Date(found.at),
    };
  },

  ListObjectsV2: (input: ListObjectsV2Request, { world, region }) => {
    const bucket = `${input.Bucket}/`;
    const after = input.ContinuationToken ?? input.StartAfter ?? "";
    const keys = [...objects(world, region).keys()]
      .filter((name) => name.startsWith(`${bucket}${input.Prefix ?? ""}`))
      .map((name) => name.slice(bucket.length))
      .filter((key) => key > after)
      .sort();
    const page = keys.slice(0, Math.min(input.MaxKeys ?? pageMax, pageMax));
    const more = page.length < keys.length;
    return {
      Contents: page.map((Key) => ({ Key, Size: objects(world, region).get(bucket + Key)!.body.length })),
      KeyCount: page.length,
      IsTruncated: more,
      ...(more && { NextContinuationToken: page.at(-1) }),
    };
  },
};

/** The text of an object, or null: for the story and for tests. */
export const objectText = (world: World, region: string, bucket: string, key: string): string | null =>
  objects(world, region).get(`${bucket}/${key}`)?.body.toString("utf8") ?? null;

const objects = (world: World, region: string) => world.region<Objects>("S3", region, () => new Map());

const toBuffer = (body: unknown): Buffer => {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === "string" || body instanceof Uint8Array) return Buffer.from(body as string);
  throw new Error("simulator/services/s3.ts: a body is text or bytes; streams are not simulated");
};

/** `bucket/key` of every object of a Region. */
export const objectKeys = (world: World, region: string) => [...objects(world, region).keys()];
