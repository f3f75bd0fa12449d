import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  AllocateAddressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateTargetGroupCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Clients } from "../../functions/aws/calls/clients.ts";
import {
  alarmName,
  bucketName,
  dataDevice,
  host,
  instanceType,
  keyAlias,
  type Names,
  primary,
  primaryAddress,
  recovery,
  servers,
  tableName,
} from "./shop.ts";

/** The name that moto gives the root device of every instance. */
export const rootDevice = "/dev/sda1";

/** Makes over HTTP what a user of Lifeboat has: the shop's servers in one Region, and what its plan names in the other. */
export const populate = async (
  clients: Clients,
  image = "ami-0123456789abcdef0",
): Promise<{ names: Names; servers: string[] }> => {
  const source = await network(clients, primary);
  const target = await network(clients, recovery);
  const elasticIps = [await elasticIp(clients), await elasticIp(clients)];
  const { TargetGroups } = await clients(ElasticLoadBalancingV2Client, recovery).send(
    new CreateTargetGroupCommand({
      Name: "shop",
      Protocol: "HTTP",
      Port: 80,
      VpcId: target.vpc,
      TargetType: "instance",
    }),
  );
  const { TopicArn } = await clients(SNSClient, recovery).send(new CreateTopicCommand({ Name: "lifeboat" }));
  await key(clients);
  await storage(clients);
  await clients(CloudWatchClient, primary).send(
    new PutMetricAlarmCommand({
      AlarmName: alarmName,
      Namespace: "Shop",
      MetricName: "5xx",
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    }),
  );
  const records = await pair(clients, elasticIps);
  const { subnets, securityGroup } = target;
  const names = { subnets, securityGroup, elasticIps, targetGroup: TargetGroups![0]!.TargetGroupArn!, ...records };
  return { names: { ...names, topic: TopicArn! }, servers: await runServers(clients, source, image) };
};

type Network = { vpc: string; subnets: [string, string]; securityGroup: string };

const network = async (clients: Clients, region: string): Promise<Network> => {
  const ec2 = clients(EC2Client, region);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const VpcId = Vpc!.VpcId!;
  const subnet = async (AvailabilityZone: string, CidrBlock: string) => {
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
    return Subnet!.SubnetId!;
  };
  const subnets: Network["subnets"] = [
    await subnet(`${region}a`, "10.0.0.0/24"),
    await subnet(`${region}b`, "10.0.1.0/24"),
  ];
  const group = new CreateSecurityGroupCommand({ VpcId, GroupName: "shop", Description: "shop" });
  return { vpc: VpcId, subnets, securityGroup: (await ec2.send(group)).GroupId! };
};

const elasticIp = async (clients: Clients) => {
  const { AllocationId, PublicIp } = await clients(EC2Client, recovery).send(
    new AllocateAddressCommand({ Domain: "vpc" }),
  );
  return { id: AllocationId!, address: PublicIp! };
};

const key = async (clients: Clients) => {
  const kms = clients(KMSClient, recovery);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await kms.send(new CreateAliasCommand({ AliasName: keyAlias, TargetKeyId: KeyMetadata!.KeyId }));
};

const storage = async (clients: Clients) => {
  await clients(DynamoDBClient, recovery).send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
    }),
  );
  const CreateBucketConfiguration = { LocationConstraint: recovery };
  await clients(S3Client, recovery).send(new CreateBucketCommand({ Bucket: bucketName, CreateBucketConfiguration }));
};

/** The record pair of the shop and the health check on its PRIMARY. */
const pair = async (clients: Clients, elasticIps: Names["elasticIps"]) => {
  const route53 = clients(Route53Client, "us-east-1");
  const { HostedZone } = await route53.send(
    new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "shop" }),
  );
  const { HealthCheck } = await route53.send(
    new CreateHealthCheckCommand({
      CallerReference: "shop",
      HealthCheckConfig: {
        Type: "CLOUDWATCH_METRIC",
        AlarmIdentifier: { Name: "lifeboat-takeover-shop", Region: recovery },
        InsufficientDataHealthStatus: "LastKnownStatus",
      },
    }),
  );
  const common = { Name: host, Type: "A", TTL: 30 } as const;
  const sets = [
    {
      ...common,
      SetIdentifier: "primary",
      Failover: "PRIMARY" as const,
      HealthCheckId: HealthCheck!.Id,
      ResourceRecords: [{ Value: primaryAddress }],
    },
    {
      ...common,
      SetIdentifier: "recovery",
      Failover: "SECONDARY" as const,
      ResourceRecords: elasticIps.map(({ address }) => ({ Value: address })),
    },
  ];
  const Changes = sets.map((ResourceRecordSet) => ({ Action: "CREATE" as const, ResourceRecordSet }));
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: HostedZone!.Id, ChangeBatch: { Changes } }));
  return { zone: HostedZone!.Id!.replace("/hostedzone/", ""), healthCheck: HealthCheck!.Id! };
};

const runServers = async (clients: Clients, { subnets, securityGroup }: Network, ImageId: string) => {
  const ids: string[] = [];
  for (const { name, tier, address, userData } of servers) {
    const tags = { Name: name, App: "shop", Tier: tier, Environment: "production" };
    const { Instances } = await clients(EC2Client, primary).send(
      new RunInstancesCommand({
        ClientToken: name,
        ImageId,
        MinCount: 1,
        MaxCount: 1,
        InstanceType: instanceType,
        SecurityGroupIds: [securityGroup],
        UserData: userData,
        SubnetId: subnets[address.startsWith("10.0.1.") ? 1 : 0],
        PrivateIpAddress: address,
        MetadataOptions: { HttpTokens: "required" },
        BlockDeviceMappings: [
          { DeviceName: rootDevice, Ebs: { VolumeSize: 8, VolumeType: "gp3", DeleteOnTermination: true } },
          { DeviceName: dataDevice, Ebs: { VolumeSize: 20, VolumeType: "gp3", Encrypted: true } },
        ],
        TagSpecifications: [
          { ResourceType: "instance", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
        ],
      }),
    );
    ids.push(Instances![0]!.InstanceId!);
  }
  return ids;
};
