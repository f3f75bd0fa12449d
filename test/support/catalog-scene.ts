import {
  DeleteSnapshotCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Filter,
  type Image,
  RegisterImageCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import type { SnapshotFact } from "../../functions/core/instances/capture/snapshot.ts";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import { aPlan, aPoint } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";
import { aHeldRow, aPass, aTaken, aVolume, theOpenPoint } from "./replication.ts";
import { asDescribed } from "./snapshots.ts";

/** What the tests of Catalog share: points and manifests in the table, snapshots and images as EC2 shows them. */
export const ec2 = mockClient(EC2Client);
export const run = aPass();
export const input = { run, lease: { value: { generation: 1 } } };
export const id = "web.20260302T113000Z";
export const fault = (name: string, message = name) => Object.assign(new Error(message), { name });

export const aScene = async (...points: { point: Point; manifests: Manifest[] }[]) => {
  const context = await withTable(aContext(), { plan: aPlan(), row: aHeldRow(run) });
  for (const { point, manifests } of points) {
    await context.store.savePoint(point);
    for (const manifest of manifests) await context.store.saveManifest({ ...manifest, point: point.id });
  }
  return context;
};
export const open = (...manifests: Manifest[]) => ({
  point: theOpenPoint({ servers: manifests.map(({ server }) => server) }),
  manifests,
});
export const complete = (over: Partial<Point> = {}, manifest: Partial<Manifest> = {}) => ({
  point: aPoint({ swept: true, ...over }),
  manifests: [aTaken({ volumes: [aVolume({ snapshot: "snap-dst-a" })], image: "ami-1", ...manifest })],
});
export const showing = (sources: SnapshotFact[] | null, copies: SnapshotFact[]) =>
  ec2.on(DescribeSnapshotsCommand).callsFake(async ({ Filters }, client) => {
    // the copies of complete points, asked for by their ids, are all there
    const [byId] = (Filters as Filter[]).filter(({ Name }) => Name === "snapshot-id");
    if (byId) return { Snapshots: byId.Values?.map((SnapshotId) => ({ SnapshotId, State: "completed" })) };
    if ((await client().config.region()) === "eu-central-1") return { Snapshots: copies.map(asDescribed) };
    if (!sources) throw fault("TimeoutError");
    return { Snapshots: sources.map(asDescribed) };
  });
export const imageOf = (point: string, over: Partial<Image> = {}, resource = "web"): Image => ({
  ImageId: "ami-1",
  Name: `lifeboat-shop-${point}-i-0a`,
  State: "available",
  Tags: Object.entries({ resource, point, server: "i-0a" }).map(([key, Value]) => ({ Key: `lifeboat:${key}`, Value })),
  ...over,
});
export const deleted = () => ec2.commandCalls(DeleteSnapshotCommand).map(({ args: [{ input }] }) => input.SnapshotId);

export const reset = () => {
  ec2.reset();
  showing([], []);
  ec2.on(DescribeImagesCommand).resolves({});
  ec2.on(RegisterImageCommand).resolves({ ImageId: "ami-1" });
};
