import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { Route53RecoveryClusterClient } from "@aws-sdk/client-route53-recovery-cluster";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import type { Plan, Traffic, TrafficRecord } from "../../functions/core/model/plan.ts";
import { aPlan, aRow, aRun } from "./builders.ts";
import { aContext } from "./context.ts";
import { withTable } from "./memory-table.ts";

export const cloudWatch = mockClient(CloudWatchClient);
export const ec2 = mockClient(EC2Client);
export const route53 = mockClient(Route53Client);
export const cluster = mockClient(Route53RecoveryClusterClient);

export const run = aRun();
const lease = { value: { generation: 1 } };
export const input = { run, lease, fence: { value: { fenced: true } } };
export const takeover = aPlan().traffic as Traffic;
export const [record] = takeover.records as [TrafficRecord];
export const zone = record.zone;
export const byRecords = (...records: Partial<TrafficRecord>[]): Traffic => ({
  ...takeover,
  switch: "records",
  acceptControlPlane: true,
  records: records.map((over) => ({ ...record, ...over })),
});

/** A clock on which the step's time is over at the second look. */
export const hurrying = () => {
  let seconds = 0;
  return () => new Date(Date.parse("2026-03-02T12:00:00.000Z") + 60_000 * seconds++);
};

/** A run that holds the lease, before its Reroute. */
export const aScene = (over: Partial<Plan> = {}) =>
  withTable(aContext(), {
    plan: aPlan(over),
    row: aRow({
      phase: "running",
      run: { id: run.id, name: run.name, machine: "failover", acquiredAt: "", phaseBefore: "protected", points: {} },
    }),
  });
export const moved = { active: "eu-central-1", switch: 1, generation: 1 };

export const primarySet = (value: string): ResourceRecordSet => ({
  Name: "shop.example.com.",
  Type: "A",
  SetIdentifier: "primary",
  Failover: "PRIMARY",
  HealthCheckId: "check-1",
  TTL: 30,
  ResourceRecords: [{ Value: value }],
});
export const secondarySet: ResourceRecordSet = {
  ...primarySet("198.51.100.10"),
  SetIdentifier: "recovery",
  Failover: "SECONDARY",
};

/** What AWS answers before each case: the pair of the plan, and changes that are accepted. */
export const reset = () => {
  for (const mock of [cloudWatch, ec2, route53, cluster]) mock.reset();
  cloudWatch.on(PutMetricDataCommand).resolves({});
  route53.on(ListResourceRecordSetsCommand).resolves({ ResourceRecordSets: [primarySet("192.0.2.10"), secondarySet] });
  route53.on(ChangeResourceRecordSetsCommand).resolves({});
};
