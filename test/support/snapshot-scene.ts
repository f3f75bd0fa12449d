import {
  CreateSnapshotsCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import type { Manifest, Point } from "../../functions/core/model/recovery-point.ts";
import { aPlan } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";
import { aHeldRow, aPass } from "./replication.ts";

/** What the tests of Snapshot share: a pass that holds the lease, two servers of one volume each, sets that are taken at once. */
export const ec2 = mockClient(EC2Client);
export const run = aPass();
const lease = { value: { generation: 1 } };
export const input = { run, lease };
export const own = "web.20260302T120000Z";
export const takenAt = new Date("2026-03-02T12:00:02.000Z");

export const aScene = (plan = aPlan(), over: Parameters<typeof aContext>[0] = {}) =>
  withTable(aContext(over), { plan, row: aHeldRow(run) });
type Scene = Awaited<ReturnType<typeof aScene>>;
export const pointOf = ({ store }: Scene, id = own) => store.point("shop", id) as Promise<Point>;
export const manifestOf = ({ store }: Scene, server = "i-1", id = own) =>
  store.manifest("shop", id, server) as Promise<Manifest>;
export const keep = async ({ store }: Scene, point: Point, ...manifests: Manifest[]) => {
  await store.savePoint(point);
  for (const manifest of manifests) await store.saveManifest({ ...manifest, point: point.id });
};

export const instance = (id: string) => ({
  InstanceId: id,
  InstanceType: "m5.large" as const,
  SubnetId: "subnet-1",
  LaunchTime: new Date("2026-01-01T00:00:00.000Z"),
  RootDeviceName: "/dev/xvda",
  BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeId: `vol-${id}` } }],
});
const volume = (id: string) => ({ VolumeId: `vol-${id}`, Attachments: [{ InstanceId: id }] });
export const showing = (...ids: string[]) => {
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances: ids.map(instance) }] });
  ec2.on(DescribeVolumesCommand).resolves({ Volumes: ids.map(volume) });
};
export const setOf = (id: string, StartTime = takenAt) => ({
  Snapshots: [{ SnapshotId: `snap-${id}`, VolumeId: `vol-${id}`, StartTime }],
});
export const listed = (id: string, point = own) => ({
  ...setOf(id).Snapshots[0],
  Tags: [
    { Key: "lifeboat:point", Value: point },
    { Key: "lifeboat:server", Value: id },
  ],
});
export const fault = (name: string, message = name) => Object.assign(new Error(message), { name });

export const reset = () => {
  ec2.reset();
  ec2.on(DescribeSnapshotsCommand).resolves({});
  ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [{ SubnetId: "subnet-1", CidrBlock: "10.0.0.0/24" }] });
  ec2.on(DescribeInstanceTypesCommand).resolves({ InstanceTypes: [{ InstanceType: "m5.large" }] });
  ec2.on(DescribeInstanceAttributeCommand).resolves({ UserData: { Value: "IyE=" } });
  ec2.on(CreateSnapshotsCommand).callsFake(({ InstanceSpecification: { InstanceId } }) => setOf(InstanceId));
  showing("i-1", "i-2");
};
