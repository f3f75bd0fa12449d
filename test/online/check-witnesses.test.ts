import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetHealthCheckCommand, Route53Client } from "@aws-sdk/client-route-53";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";
import type { Witness } from "../../functions/core/model/plan.ts";
import { checkWitnesses } from "../../online/check-witnesses.ts";
import { aPlan } from "../support/builders.ts";
import { anOutside } from "../support/context.ts";

const witnesses: Witness[] = [
  { name: "errors", kind: "alarm", alarm: "shop-5xx", region: "eu-west-1" },
  { name: "route53", kind: "healthCheck", healthCheck: "1234", text: "_lifeboat-shop.shop.example.com", zone: "Z1" },
  { name: "region", kind: "api", region: "eu-west-1" },
];
const detect = { ...aPlan().detect, witnesses };
const probeOf = (name: string, url: string, connect: string | null = null): Witness => ({
  name,
  kind: "probe",
  url,
  connect,
  side: "primary",
  expect: [],
  contains: null,
  from: null,
});
/** Names that have an address, by family; of the others the resolver says that there is none, or nothing at all. */
const names: Record<string, string> = { "four.example.com": "A", "six.example.com": "AAAA" };
const outside = {
  clients: createClients(),
  net: {
    ...anOutside().net,
    resolve: async ({ name, type }: { name: string; type: string }) => {
      if (names[name] === type) return { values: ["192.0.2.1"] };
      return { error: name === "slow.example.com" ? "ETIMEOUT" : names[name] ? "ENODATA" : "ENOTFOUND" };
    },
  },
};
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
    expect(await checkWitnesses(outside, detect)).toEqual({ problems: [], warnings: [] });
  });

  it("is told when it does not exist", async () => {
    aws[0].on(DescribeAlarmsCommand).resolves({ MetricAlarms: [] });
    aws[1].on(GetHealthCheckCommand).rejects(named("NoSuchHealthCheck"));
    expect(await checkWitnesses(outside, detect)).toEqual({
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
    expect(await checkWitnesses(outside, detect)).toEqual({
      problems: [],
      warnings: [
        "alarms in eu-west-1 could not be read: AccessDenied",
        "health check 1234 could not be read: ServiceUnavailable",
      ],
    });
  });

  it("is a name with an address, where a probe asks for one", async () => {
    const probes = [
      probeOf("four", "https://four.example.com/"),
      probeOf("six", "tcp://six.example.com:5432"),
      probeOf("address", "https://[2001:db8::1]/"),
      probeOf("elsewhere", "https://gone.example.com/", "192.0.2.10"),
    ];
    expect(await checkWitnesses(outside, { ...detect, witnesses: probes })).toEqual({ problems: [], warnings: [] });
  });

  it("is told when a probe asks a name that nobody knows", async () => {
    const probes = [
      probeOf("url", "https://gone.example.com/healthz"),
      probeOf("port", "tcp://gone.example.com:5432"),
      probeOf("connect", "https://four.example.com/", "lost.example.com"),
      probeOf("slow", "https://slow.example.com/"),
    ];
    expect(await checkWitnesses(outside, { ...detect, witnesses: probes })).toEqual({
      problems: [
        "witness url: the name gone.example.com does not exist",
        "witness port: the name gone.example.com does not exist",
        "witness connect: the name lost.example.com does not exist",
      ],
      warnings: ["the name slow.example.com could not be resolved: ETIMEOUT"],
    });
  });
});
