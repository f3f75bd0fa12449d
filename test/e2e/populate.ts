import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  AllocateAddressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  RegisterImageCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListHealthChecksCommand,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Clients } from "../../functions/aws/calls/clients.ts";

export const primary = "us-west-2";
export const recovery = "us-east-2";
/** Where the old server answers. */
export const oldAddress = "192.0.2.20";
export const host = "notes.example.com";
export const alarm = "notes-5xx";

export type Populated = { instance: string; zone: string; address: string; plan: string };

/**
 * What is there before Lifeboat comes: a server in the primary Region, a network without servers in the recovery Region, a zone, a
 * topic in each Region, an alarm. `plan` is the text of the plan file for it; `action` is what detect may do.
 */
export const populate = async (clients: Clients, action: "notify" | "approve"): Promise<Populated> => {
  const [here, there] = [await network(clients, primary), await network(clients, recovery)];
  const ec2 = clients(EC2Client, recovery);
  const address = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
  // of an image that it does not know, moto takes a server for a paravirtual one
  const { ImageId } = await clients(EC2Client, primary).send(
    new RegisterImageCommand({ Name: "base", VirtualizationType: "hvm", RootDeviceName: "/dev/sda1" }),
  );
  const launched = await clients(EC2Client, primary).send(
    new RunInstancesCommand({
      ImageId,
      MinCount: 1,
      MaxCount: 1,
      InstanceType: "m5.large",
      SubnetId: here.subnets[0]!,
      SecurityGroupIds: [here.group],
      PrivateIpAddress: "10.0.0.10",
      UserData: Buffer.from("#!/bin/sh\necho notes\n").toString("base64"),
      BlockDeviceMappings: [
        { DeviceName: "/dev/sda1", Ebs: { VolumeSize: 8, VolumeType: "gp3", DeleteOnTermination: true } },
        { DeviceName: "/dev/sdf", Ebs: { VolumeSize: 20, VolumeType: "gp3", Encrypted: true } },
      ],
      TagSpecifications: [
        {
          ResourceType: "instance",
          Tags: [
            { Key: "App", Value: "notes" },
            { Key: "Name", Value: "notes-1" },
          ],
        },
      ],
    }),
  );
  const made = await clients(Route53Client, "us-east-1").send(
    new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "e2e" }),
  );
  const zone = made.HostedZone!.Id!.split("/").at(-1)!;
  const topics = await Promise.all(
    [primary, recovery].map((region) => clients(SNSClient, region).send(new CreateTopicCommand({ Name: "oncall" }))),
  );
  await clients(CloudWatchClient, primary).send(
    new PutMetricAlarmCommand({
      AlarmName: alarm,
      Namespace: "Notes",
      MetricName: "5xx",
      Statistic: "Sum",
      Period: 60,
      Threshold: 10,
      EvaluationPeriods: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    }),
  );
  return {
    instance: launched.Instances![0]!.InstanceId!,
    zone,
    address: address.PublicIp!,
    plan: `version: 1
application: notes
regions: { primary: ${primary}, recovery: ${recovery} }
objectives: { rpo: 1h, rto: 15m }
detect:
  action: ${action}
  witnesses:
    - { name: page, probe: { url: "http://${host}/healthz", connect: ${oldAddress} } }
    - { name: region, api: ${primary} }
    - { name: errors, alarm: ${alarm}, region: ${primary} }
  verdict: { unhealthy: 2, sustained: 1m }
  armAfterHealthy: 2m
protect:
  - name: server
    kind: instances
    select: { tags: { App: notes } }
    every: rate(30 minutes)
    launch:
      subnets: { ${recovery}a: ${there.subnets[0]}, ${recovery}b: ${there.subnets[1]} }
      securityGroups: [${there.group}]
      elasticIps: [${address.AllocationId}]
    verify: { http: ":80/healthz", from: public }
traffic:
  switch: takeover
  zone: ${zone}
  records:
    - { name: ${host}, type: A, policy: failover, ttl: 30, primary: ${oldAddress}, recovery: ${address.PublicIp} }
notify:
  topics: [${topics.map(({ TopicArn }) => TopicArn).join(", ")}]
`,
  };
};

const network = async (clients: Clients, region: string) => {
  const ec2 = clients(EC2Client, region);
  const vpc = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }))).Vpc!.VpcId!;
  const subnets = await Promise.all(
    ["a", "b"].map((zone, at) =>
      ec2.send(
        new CreateSubnetCommand({ VpcId: vpc, CidrBlock: `10.0.${at}.0/24`, AvailabilityZone: `${region}${zone}` }),
      ),
    ),
  );
  const group = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId: vpc, GroupName: "notes", Description: "notes" }),
  );
  return { subnets: subnets.map(({ Subnet }) => Subnet!.SubnetId!), group: group.GroupId! };
};

/** The PRIMARY and SECONDARY record that a plan with `takeover` needs, on the health check that the switch stack has made. */
export const makeRecords = async (clients: Clients, { zone, address }: Populated) => {
  const route53 = clients(Route53Client, "us-east-1");
  const { HealthChecks = [] } = await route53.send(new ListHealthChecksCommand({}));
  const record = { Name: host, Type: "A", TTL: 30 } as const;
  const sides = [
    { SetIdentifier: "primary", Failover: "PRIMARY", HealthCheckId: HealthChecks[0]!.Id!, Value: oldAddress },
    { SetIdentifier: "recovery", Failover: "SECONDARY", Value: address },
  ] as const;
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: {
        Changes: sides.map(({ Value, ...side }) => ({
          Action: "CREATE",
          ResourceRecordSet: { ...record, ...side, ResourceRecords: [{ Value }] },
        })),
      },
    }),
  );
};
