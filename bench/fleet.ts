import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  paginateDescribeSnapshots,
  RegisterImageCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { createClients } from "../functions/aws/calls/clients.ts";
import { createStore } from "../functions/aws/store/store.ts";
import { createTable } from "../functions/aws/store/table.ts";
import { clientDefaults } from "./client-defaults.ts";
import { bucketName, primary, recovery, tableName, userDataTableName, volumesOfInstance } from "./names.ts";
import { benchPlan } from "./plan.ts";

const tagsOf = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Makes `volumes` volumes on a quarter as many instances in the primary Region, `batch` instances in a call. */
export const populate = async (endpoint: string, volumes: number, batch: number) => {
  const ec2 = new EC2Client({ region: primary, maxAttempts: 1, ...clientDefaults(endpoint) });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const subnet = new CreateSubnetCommand({
    VpcId: Vpc!.VpcId!,
    CidrBlock: "10.0.0.0/17",
    AvailabilityZone: `${primary}a`,
  });
  const { Subnet } = await ec2.send(subnet);
  // moto calls an instance paravirtual whose image it does not know, and those go by CreateImage
  const { ImageId } = await ec2.send(new RegisterImageCommand({ Name: "bench" }));
  for (let left = Math.ceil(volumes / volumesOfInstance); left > 0; left -= batch) {
    const count = Math.min(left, batch);
    const run = new RunInstancesCommand({
      ImageId,
      MinCount: count,
      MaxCount: count,
      InstanceType: "m5.large",
      SubnetId: Subnet!.SubnetId!,
      BlockDeviceMappings: ["/dev/sda1", "/dev/sdf", "/dev/sdg", "/dev/sdh"].map((DeviceName) => ({
        DeviceName,
        Ebs: { VolumeSize: 8, VolumeType: "gp3" as const, DeleteOnTermination: true },
      })),
      TagSpecifications: [
        { ResourceType: "instance", Tags: tagsOf({ App: "bench" }) },
        // the peers select volumes
        { ResourceType: "volume", Tags: tagsOf({ App: "bench", "shelvery:create_backup": "true" }) },
      ],
    });
    await ec2.send(run);
  }
};

/** What a deployment of Lifeboat has in the recovery Region: its tables with the plan, and its bucket. */
export const deploy = async (endpoint: string) => {
  const clients = createClients([], clientDefaults(endpoint));
  for (const TableName of [tableName, userDataTableName])
    await clients(DynamoDBClient, recovery).send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
      }),
    );
  const CreateBucketConfiguration = { LocationConstraint: recovery } as const;
  await clients(S3Client, recovery).send(new CreateBucketCommand({ Bucket: bucketName, CreateBucketConfiguration }));
  await createStore(createTable(clients, recovery, tableName)).savePlan(benchPlan());
};

/** Volume of every copy that is in the recovery Region now, by the copy's id. moto keeps the source's volume with it. */
export const copiesIn = async (endpoint: string): Promise<Map<string, string>> => {
  const client = new EC2Client({ region: recovery, ...clientDefaults(endpoint) });
  const copies = new Map<string, string>();
  for await (const { Snapshots } of paginateDescribeSnapshots({ client }, {}))
    for (const { SnapshotId, VolumeId, Description } of Snapshots ?? [])
      if (!Description?.startsWith("Auto-created snapshot for AMI")) copies.set(SnapshotId!, VolumeId!);
  return copies;
};
