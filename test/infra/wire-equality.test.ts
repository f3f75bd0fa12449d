import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleOptions } from "../../infra/bundle.ts";
import { shakeSchemas, shrinkErrors } from "../../infra/schema-shake.ts";

/** Calls that cross every protocol of ours whose shapes are shaken: EC2 query, AWS query, REST-XML. */
const entry = `
import { AutoScalingClient, DescribeAutoScalingGroupsCommand, SuspendProcessesCommand } from "@aws-sdk/client-auto-scaling";
import { CopySnapshotCommand, DescribeInstancesCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client, RegisterTargetsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetHealthCheckCommand, ListResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

const calls = [
  [EC2Client, new DescribeInstancesCommand({ Filters: [{ Name: "tag:App", Values: ["web-shop"] }], MaxResults: 50 })],
  [EC2Client, new RunInstancesCommand({
    ImageId: "ami-1", InstanceType: "m6i.large", MinCount: 1, MaxCount: 1, ClientToken: "token",
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { SnapshotId: "snap-1", VolumeType: "gp3", Iops: 3000 } }],
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "lifeboat:run", Value: "r" }] }],
    MetadataOptions: { HttpTokens: "required" },
  })],
  [EC2Client, new CopySnapshotCommand({ SourceRegion: "eu-west-1", SourceSnapshotId: "snap-1", Encrypted: true })],
  [ElasticLoadBalancingV2Client, new DescribeTargetHealthCommand({ TargetGroupArn: "arn:tg", Targets: [{ Id: "i-1" }] })],
  [Route53Client, new ListResourceRecordSetsCommand({ HostedZoneId: "Z1", StartRecordName: "shop", StartRecordType: "A" })],
  [S3Client, new GetObjectCommand({ Bucket: "b", Key: "missing" })],
  [ElasticLoadBalancingV2Client, new RegisterTargetsCommand({ TargetGroupArn: "arn:none", Targets: [{ Id: "i-1" }] })],
  [Route53Client, new GetHealthCheckCommand({ HealthCheckId: "none" })],
  [AutoScalingClient, new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ["web"], MaxRecords: 100 })],
  [AutoScalingClient, new SuspendProcessesCommand({ AutoScalingGroupName: "gone", ScalingProcesses: ["Launch", "Terminate"] })],
  [SNSClient, new PublishCommand({ TopicArn: "arn:topic", Message: "hello", Subject: "s" })],
];

export const answers = async (endpoint) => {
  const seen = [];
  for (const [Client, command] of calls) {
    const credentials = { accessKeyId: "a", secretAccessKey: "s" };
    const client = new Client({ region: "eu-central-1", endpoint, credentials, maxAttempts: 1, forcePathStyle: true });
    try {
      const { $metadata, ...answer } = await client.send(command);
      seen.push(answer);
    } catch (error) {
      const { $metadata, $response, ...members } = error;
      seen.push({ name: error.name, message: error.message, isError: error instanceof Error, ...members });
    }
    client.destroy();
  }
  return seen;
};`;

const instance = `<instancesSet><item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState>
<launchTime>2026-01-02T03:04:05.000Z</launchTime><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1</volumeId>
<deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping><ebsOptimized>false</ebsOptimized>
<tagSet><item><key>Name</key><value>web-1</value></item></tagSet></item></instancesSet>`;

const replies: Record<string, string> = {
  DescribeInstances: `<DescribeInstancesResponse><reservationSet><item><reservationId>r-1</reservationId>${instance}</item></reservationSet><nextToken>n</nextToken></DescribeInstancesResponse>`,
  RunInstances: `<RunInstancesResponse><reservationId>r-1</reservationId>${instance}</RunInstancesResponse>`,
  DescribeTargetHealth: `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member><Target><Id>i-1</Id><Port>80</Port></Target><TargetHealth><State>healthy</State></TargetHealth></member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`,
  DescribeAutoScalingGroups: `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>web</AutoScalingGroupName><MinSize>0</MinSize><SuspendedProcesses><member><ProcessName>Launch</ProcessName><SuspensionReason>by a person</SuspensionReason></member></SuspendedProcesses></member></AutoScalingGroups><NextToken>n</NextToken></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
  Publish: `<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>`,
  rrset: `<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>shop.</Name><Type>A</Type><SetIdentifier>primary</SetIdentifier><Failover>PRIMARY</Failover><TTL>30</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`,
};
const refusals: Record<string, string> = {
  CopySnapshot: `<Response><Errors><Error><Code>ResourceLimitExceeded</Code><Message>too many copies</Message></Error></Errors></Response>`,
  SuspendProcesses: `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>AutoScalingGroup name not found</Message></Error></ErrorResponse>`,
  RegisterTargets: `<ErrorResponse><Error><Type>Sender</Type><Code>TargetGroupNotFound</Code><Message>no group</Message></Error></ErrorResponse>`,
  healthcheck: `<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchHealthCheck</Code><Message>no check</Message></Error></ErrorResponse>`,
  missing: `<Error><Code>NoSuchKey</Code><Message>none</Message></Error>`,
};

let server: Server;
let folder: string;
const received: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-wire-"));
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const clean = body.replace(/X-Amz-[A-Za-z-]+%3D[^&]*?(?=%26|&|$)/g, "signed");
      received.push(`${request.method} ${request.url} ${clean}`);
      const action = /Action=(\w+)/.exec(body)?.[1] ?? /(rrset|missing|healthcheck)/.exec(request.url ?? "")?.[1] ?? "";
      response.writeHead(refusals[action] ? (action === "missing" || action === "healthcheck" ? 404 : 400) : 200, {
        "content-type": "text/xml",
      });
      response.end(refusals[action] ?? replies[action] ?? "");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const run = async (shake: boolean) => {
  const outfile = join(folder, `${shake ? "shaken" : "plain"}.mjs`);
  const stdin = { contents: entry, resolveDir: process.cwd(), loader: "ts" as const };
  const { metafile } = await build({ ...bundleOptions(shake), stdin, outfile, metafile: true });
  const { answers } = (await import(pathToFileURL(outfile).href)) as { answers(endpoint: string): Promise<unknown[]> };
  received.length = 0;
  const parsed = await answers(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { parsed, sent: [...received], bytes: Object.values(metafile.outputs)[0]!.bytes };
};

test("a shaken bundle sends the same requests and reads the same answers as a plain one, in less than half the size", async () => {
  const plain = await run(false);
  const shaken = await run(true);

  expect(shaken.sent).toEqual(plain.sent);
  expect(shaken.parsed).toEqual(plain.parsed);
  expect(plain.sent).toHaveLength(11);
  expect(plain.parsed[0]).toMatchObject({
    Reservations: [{ Instances: [{ InstanceId: "i-1", EbsOptimized: false }] }],
  });
  expect(plain.parsed[2]).toMatchObject({ name: "ResourceLimitExceeded", message: "too many copies", isError: true });
  expect(plain.parsed[4]).toMatchObject({ ResourceRecordSets: [{ Failover: "PRIMARY", TTL: 30 }] });
  expect(plain.parsed[5]).toMatchObject({ name: "NoSuchKey" });
  expect(plain.parsed[6]).toMatchObject({ name: "TargetGroupNotFoundException", message: "no group", isError: true });
  expect(plain.parsed[7]).toMatchObject({ name: "NoSuchHealthCheck", message: "no check", $fault: "client" });
  expect(shaken.bytes).toBeLessThan(plain.bytes / 2);
}, 600_000);

test("an error class whose body is not the generated one stays as it is", () => {
  const own = 'export class Odd extends __BaseException {\n    name = "Odd";\n    extra() {}\n}';
  expect(shrinkErrors(own)).toBe(own);
});

test("computed keys become literals only where the file itself says what they are", () => {
  const source = 'const _a = "instanceId";\nexport var X = [{ [_a]: 1, [_b]: 2,\n  [_a]: 3 }, [_a]];';
  expect(shakeSchemas(source)).toBe(
    'const _a = "instanceId";\nexport var X = [{ "instanceId": 1, [_b]: 2,\n  "instanceId": 3 }, [_a]];',
  );
});
