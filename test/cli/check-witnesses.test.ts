import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetHealthCheckCommand, Route53Client } from "@aws-sdk/client-route-53";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkWitnesses } from "../../cli/check-witnesses.ts";
import { createClients } from "../../functions/aws/clients.ts";
import type { Witness } from "../../functions/core/plan.ts";
import { aPlan } from "../support/builders.ts";

const witnesses: Witness[] = [
  { name: "errors", kind: "alarm", alarm: "shop-5xx", region: "eu-west-1" },
  { name: "route53", kind: "healthCheck", healthCheck: "1234", text: "_lifeboat-shop.shop.example.com", zone: "Z1" },
  { name: "region", kind: "api", region: "eu-west-1" },
];
const detect = { ...aPlan().detect, witnesses };
const named = (name: string) => Object.assign(new Error(name), { name });

describe("what the witnesses name", () => {
  const mocked = () => [mockClient(CloudWatchClient), mockClient(Route53Client)] as const;
  let aws: ReturnType<typeof mocked>;
  beforeEach(() => {
    aws = mocked();
  });
  afterEach(() => {
    for (const one of aws) one.restore();
  });

  it("is there", async () => {
    aws[0].on(DescribeAlarmsCommand).resolves({ MetricAlarms: [{ AlarmName: "shop-5xx", StateValue: "OK" }] });
    aws[1].on(GetHealthCheckCommand).resolves({});
    expect(await checkWitnesses(createClients(), detect)).toEqual({ problems: [], warnings: [] });
  });

  it("is told when it does not exist", async () => {
    aws[0].on(DescribeAlarmsCommand).resolves({ MetricAlarms: [] });
    aws[1].on(GetHealthCheckCommand).rejects(named("NoSuchHealthCheck"));
    expect(await checkWitnesses(createClients(), detect)).toEqual({
      problems: [
        "witness errors: alarm shop-5xx does not exist in eu-west-1",
        "witness route53: health check 1234 does not exist",
      ],
      warnings: [],
    });
  });

  it("is a warning when nobody answers", async () => {
    aws[0].on(DescribeAlarmsCommand).rejects(named("AccessDenied"));
    aws[1].on(GetHealthCheckCommand).rejects(named("ServiceUnavailable"));
    expect(await checkWitnesses(createClients(), detect)).toEqual({
      problems: [],
      warnings: [
        "alarms in eu-west-1 could not be read: AccessDenied",
        "health check 1234 could not be read: ServiceUnavailable",
      ],
    });
  });
});
