import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  ChangeResourceRecordSetsCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { newServer } from "../../functions/core/model/server.ts";
import { moveNames } from "../../functions/move-names.ts";
import { aPlan, aRow, aRun, aServer } from "../support/builders.ts";
import { aContext } from "../support/context.ts";
import { withTable } from "../support/memory-table.ts";

const ec2 = mockClient(EC2Client);
const route53 = mockClient(Route53Client);
const run = aRun();
const input = { run, lease: { value: { generation: 8 } }, wave: { index: 1 } };
const zone = "ZPRIVATE";

const aScene = async (state: "served" | "attached" = "served") => {
  const traffic = aPlan().traffic!;
  const [front] = traffic.records as [(typeof traffic.records)[number]];
  const inside = { ...front, name: "db.shop.internal", zone, private: true, policy: "simple" as const };
  const sides = { primary: { addresses: ["10.0.0.5"] }, recovery: { addresses: ["10.1.0.5"] } };
  const plan = aPlan({ traffic: { ...traffic, switch: "records", records: [front, { ...inside, ...sides }] } });
  const lease = { id: run.id, name: run.name, machine: "failover", acquiredAt: run.startedAt };
  const row = aRow({ generation: 8, phase: "running", run: { ...lease, phaseBefore: "protected", points: {} } });
  const context = await withTable(aContext(), { plan, row });
  await context.store.addServer(run.application, run.name, { ...newServer(aServer(), 0), state, instance: "i-new" });
  return context;
};

beforeEach(() => {
  for (const mock of [ec2, route53]) mock.reset();
  const Instances = [{ InstanceId: "i-new", PrivateIpAddress: "10.1.0.5" }];
  ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] });
  route53.on(GetHostedZoneCommand).resolves({ VPCs: [{ VPCRegion: "eu-central-1", VPCId: "vpc-1" }] });
  const record = { Name: "db.shop.internal.", Type: "A" as const, TTL: 30, ResourceRecords: [{ Value: "10.0.0.5" }] };
  route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [record] });
  route53
    .on(ChangeResourceRecordSetsCommand)
    .resolves({ ChangeInfo: { Id: "C1", Status: "PENDING", SubmittedAt: new Date() } });
});
const changes = () => route53.commandCalls(ChangeResourceRecordSetsCommand).map(({ args }) => args[0].input);

describe("between two waves", () => {
  it("between two waves a private name is pointed to the server that serves, and no public name is", async () => {
    expect(await moveNames(input, await aScene())).toEqual({ moved: ["db.shop.internal"], because: "" });
    expect(changes()).toMatchObject([
      {
        HostedZoneId: zone,
        ChangeBatch: {
          Changes: [{ Action: "UPSERT", ResourceRecordSet: { ResourceRecords: [{ Value: "10.1.0.5" }] } }],
        },
      },
    ]);
  });

  it.each<[string, () => void, "served" | "attached", RegExp]>([
    ["while its server does not serve", () => undefined, "attached", /^$/],
    [
      "that a VPC of the source sees too",
      () =>
        route53
          .on(GetHostedZoneCommand)
          .resolves({ VPCs: [{ VPCRegion: "eu-west-1" }, { VPCRegion: "eu-central-1" }] }),
      "served",
      /^db\.shop\.internal: a VPC in eu-west-1 also uses its zone, so it moves with Reroute$/,
    ],
    [
      "whose zone nobody can be asked about",
      () => route53.on(GetHostedZoneCommand).rejects(Object.assign(new Error("no answer"), { name: "TimeoutError" })),
      "served",
      /^names of private zones wait for Reroute: TimeoutError: no answer$/,
    ],
  ])("between two waves no name moves %s", async (_, given, state, because) => {
    given();
    const result = await moveNames(input, await aScene(state));
    expect([result.moved, changes()]).toEqual([[], []]);
    expect(result.because).toMatch(because);
  });

  it("a run that has lost its lease moves nothing", async () => {
    const stale = { ...input, lease: { value: { generation: 7 } } };
    await expect(moveNames(stale, await aScene())).rejects.toMatchObject({ name: "StaleLeaseError" });
    expect(changes()).toEqual([]);
  });
});
