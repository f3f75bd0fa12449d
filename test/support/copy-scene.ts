import {
  DescribeSnapshotsCommand,
  type EC2Client,
  type Filter,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-ec2";
import type { AwsStub } from "aws-sdk-client-mock";
import type { SnapshotFact } from "../../functions/core/instances/capture/snapshot.ts";
import type { QueueChunk } from "../../functions/core/instances/copy/queue.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import { aPlan } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";
import { aHeldRow, aPass, aTaken, theOpenPoint } from "./replication.ts";
import { asDescribed } from "./snapshots.ts";

/** What the tests of Copy share: a pass that holds the lease, an open point whose copies stand in the queue. */
const run = aPass();
export const input = { run, lease: { value: { generation: 1 } } };
export const point = theOpenPoint({ queued: true, deadline: "2026-03-02T12:30:00.000Z" });
export const fault = (name: string, message = name) => Object.assign(new Error(message), { name });

/** `seconds`: how long after noon the clock stands. */
export const copyScene = async (
  chunks: QueueChunk[],
  of: Point = point,
  { plan = aPlan(), manifests = [aTaken()], seconds = () => 0 }: Partial<Scene> = {},
) => {
  const now = () => new Date(Date.UTC(2026, 2, 2, 12) + seconds() * 1_000);
  const context = await withTable(aContext({ now }), { plan, row: aHeldRow(run) });
  await context.store.savePoint(of);
  await context.store.saveManifests(manifests);
  await context.store.saveQueue(chunks);
  return context;
};
type Scene = { plan: Plan; manifests: Manifest[]; seconds: () => number };

export const chunkOf = async ({ store }: Awaited<ReturnType<typeof copyScene>>) =>
  (await store.queue("shop", 9)).items[0];

type Shown = { copies?: SnapshotFact[]; sources?: SnapshotFact[] | null };

/** What the Regions show of snapshots, by the filters that are asked; a source Region of null is silent. */
export const showing = (
  ec2: AwsStub<ServiceInputTypes, ServiceOutputTypes, EC2Client["config"]>,
  shown: Shown | (() => Shown),
) =>
  ec2.on(DescribeSnapshotsCommand).callsFake(async ({ Filters }: { Filters: Filter[] }, client) => {
    const { copies = [], sources = [] } = typeof shown === "function" ? shown() : shown;
    const all = (await client().config.region()) === "eu-central-1" ? copies : sources;
    if (!all) throw fault("TimeoutError");
    const matches = (fact: SnapshotFact) =>
      Filters.every(({ Name = "", Values = [] }) => {
        const value =
          Name === "status" ? fact.state : Name === "snapshot-id" ? fact.id : fact.tags[Name.slice("tag:".length)];
        return Values.includes(value ?? "");
      });
    return { Snapshots: all.filter(matches).map(asDescribed) };
  });
