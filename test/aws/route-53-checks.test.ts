import { GetHealthCheckCommand, GetHealthCheckStatusCommand, Route53Client } from "@aws-sdk/client-route-53";
import { mockClient } from "aws-sdk-client-mock";
import { healthCheck, isEndpointHealthy } from "../../functions/aws/health-checks.ts";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";

const route53 = mockClient(Route53Client);
const clients = createClients();

beforeEach(() => {
  route53.reset();
});

describe("isEndpointHealthy", () => {
  it.each<[string, string[], boolean | null]>([
    ["nobody has said anything", [], null],
    ["one of five says so", ["Success: HTTP 200", ...Array(4).fill("Failure: timeout")], true],
    ["one of six says so, which is not more than 18 %", ["Success: HTTP 200", ...Array(5).fill("Failure: t")], false],
  ])("when %s", async (_, said, expected) => {
    const HealthCheckObservations = said.map((Status) => ({ StatusReport: { Status } }));
    route53.on(GetHealthCheckStatusCommand, { HealthCheckId: "c1" }).resolves({ HealthCheckObservations });

    expect(await isEndpointHealthy(clients, "c1")).toBe(expected);
  });
});

describe("healthCheck", () => {
  it("reads a check on an alarm", async () => {
    route53.on(GetHealthCheckCommand).resolves({
      HealthCheck: {
        Id: "c1",
        CallerReference: "r",
        HealthCheckVersion: 1,
        HealthCheckConfig: {
          Type: "CLOUDWATCH_METRIC",
          AlarmIdentifier: { Name: "takeover", Region: "eu-central-1" },
          InsufficientDataHealthStatus: "LastKnownStatus",
        },
      },
    });

    expect(await healthCheck(clients, "c1", "optional")).toEqual({
      id: "c1",
      type: "CLOUDWATCH_METRIC",
      inverted: false,
      disabled: false,
      alarm: { name: "takeover", region: "eu-central-1" },
      insufficientData: "LastKnownStatus",
      routingControl: null,
    });
    expect(route53).toHaveReceivedCommandWith(GetHealthCheckCommand, { HealthCheckId: "c1" });
  });

  it("reads an endpoint check, which has no alarm", async () => {
    route53.on(GetHealthCheckCommand).resolves({
      HealthCheck: { HealthCheckConfig: { Type: "HTTPS", Inverted: true, Disabled: true } } as never,
    });

    expect(await healthCheck(clients, "c1", "optional")).toMatchObject({
      type: "HTTPS",
      inverted: true,
      disabled: true,
      alarm: null,
    });
  });

  it("gives null for one that does not exist, and any other error as it is", async () => {
    route53
      .on(GetHealthCheckCommand)
      .rejectsOnce(Object.assign(new Error("none"), { name: "NoSuchHealthCheck" }))
      .rejects(Object.assign(new Error("slow"), { name: "Throttling" }));

    expect(await healthCheck(clients, "c1", "optional")).toBeNull();
    await expect(healthCheck(clients, "c1", "optional")).rejects.toMatchObject({ name: "Throttling" });
  });
});
