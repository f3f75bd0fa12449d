import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { objectKeys } from "../../../simulator/services/s3.ts";
import { type Simulated, simulated } from "../../support/simulated.ts";

const region = "eu-central-1";
const Bucket = "reports";
const put = ({ clients }: Simulated, Key: string, Body: string, over = {}) =>
  clients(S3Client, region).send(new PutObjectCommand({ Bucket, Key, Body, ...over }));

describe("the simulated S3", () => {
  it("the simulated S3 gives back the text that was put, in its own Region only", async () => {
    const seen = await simulated({}, async (live) => {
      await put(live, "runs/1.md", "# Grüße");
      const found = await live.clients(S3Client, region).send(new GetObjectCommand({ Bucket, Key: "runs/1.md" }));
      return [
        await found.Body?.transformToString(),
        objectKeys(live.world, region),
        objectKeys(live.world, "eu-west-1"),
      ];
    });
    expect(seen).toEqual(["# Grüße", ["reports/runs/1.md"], []]);
  });

  it("the simulated S3 says NoSuchKey, and PreconditionFailed for a second put that must be the first", async () => {
    const names = await simulated({}, async (live) => {
      await put(live, "a", "1", { IfNoneMatch: "*" });
      return [
        await live
          .clients(S3Client, region)
          .send(new GetObjectCommand({ Bucket, Key: "b" }))
          .catch((error) => error.name),
        await put(live, "a", "2", { IfNoneMatch: "*" }).catch((error) => error.name),
      ];
    });
    expect(names).toEqual(["NoSuchKey", "PreconditionFailed"]);
  });

  it("lists in order, by prefix, in pages", async () => {
    const pages = await simulated({}, async (live) => {
      for (const key of ["x/2", "x/1", "y/1", "x/3"]) await put(live, key, "");
      const s3 = live.clients(S3Client, region);
      const first = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "x/", MaxKeys: 2 }));
      const { NextContinuationToken: ContinuationToken } = first;
      const second = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "x/", ContinuationToken }));
      return [first, second].map(({ Contents, IsTruncated }) => [Contents?.map(({ Key }) => Key), IsTruncated]);
    });
    expect(pages).toEqual([
      [["x/1", "x/2"], true],
      [["x/3"], false],
    ]);
  });
});
