import {
  GetRoutingControlStateCommand,
  Route53RecoveryClusterClient,
  UpdateRoutingControlStatesCommand,
} from "@aws-sdk/client-route53-recovery-cluster";
import { mockClient } from "aws-sdk-client-mock";
import "aws-sdk-client-mock-vitest/extend";
import { beforeEach, describe, expect, it } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";
import { readStates, updateStates } from "../../functions/aws/routing-control.ts";

const cluster = mockClient(Route53RecoveryClusterClient);
const clients = createClients();
const fault = (name: string) => Object.assign(new Error(name), { name });
const endpoints = ["us-east-1", "us-west-2", "eu-west-1"].map((region) => ({
  region,
  url: `https://${region}.example.com/v1`,
}));
const states = [
  { control: "arn:p", state: "Off" as const },
  { control: "arn:r", state: "On" as const },
];
const asked = async () =>
  Promise.all(
    cluster.calls().map(async ({ thisValue }) => {
      const { hostname } = await thisValue.config.endpoint();
      return [await thisValue.config.region(), hostname];
    }),
  );

beforeEach(() => {
  cluster.reset();
});

describe("updateStates", () => {
  it("turns all controls in one call at one endpoint, signed for its Region", async () => {
    cluster.on(UpdateRoutingControlStatesCommand).resolves({});

    const { endpoint, failed } = await updateStates(clients, endpoints, 1, states);

    expect([endpoint, failed]).toEqual(["us-west-2", []]);
    expect(await asked()).toEqual([["us-west-2", "us-west-2.example.com"]]);
    expect(cluster).toHaveReceivedCommandWith(UpdateRoutingControlStatesCommand, {
      UpdateRoutingControlStateEntries: [
        { RoutingControlArn: "arn:p", RoutingControlState: "Off" },
        { RoutingControlArn: "arn:r", RoutingControlState: "On" },
      ],
    });
  });

  it("asks one endpoint after the other, from the start that it is given, each once", async () => {
    cluster
      .on(UpdateRoutingControlStatesCommand)
      .rejectsOnce(fault("EndpointTemporarilyUnavailableException"))
      .rejectsOnce(fault("TimeoutError"))
      .resolves({});

    const { endpoint, failed } = await updateStates(clients, endpoints, 5, states);

    expect(endpoint).toBe("us-west-2");
    expect(failed).toEqual(["eu-west-1 (EndpointTemporarilyUnavailableException)", "us-east-1 (TimeoutError)"]);
    expect((await asked()).map(([region]) => region)).toEqual(["eu-west-1", "us-east-1", "us-west-2"]);
  });

  it("says which endpoints were asked when none answers", async () => {
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("ThrottlingException"));

    await expect(updateStates(clients, endpoints, 0, states)).rejects.toMatchObject({
      name: "ClusterSilentError",
      message:
        "no endpoint of the cluster answers: us-east-1 (ThrottlingException), us-west-2 (ThrottlingException), eu-west-1 (ThrottlingException)",
    });
    await expect(updateStates(clients, [], 0, states)).rejects.toThrow("the plan names none");
  });

  it("asks nobody else after a no", async () => {
    cluster.on(UpdateRoutingControlStatesCommand).rejects(fault("ConflictException"));

    await expect(updateStates(clients, endpoints, 0, states)).rejects.toMatchObject({ name: "ConflictException" });

    expect(cluster).toHaveReceivedCommandTimes(UpdateRoutingControlStatesCommand, 1);
  });
});

describe("readStates", () => {
  it("reads every control at one endpoint", async () => {
    cluster.on(GetRoutingControlStateCommand).resolves({ RoutingControlState: "Off" });
    cluster.on(GetRoutingControlStateCommand, { RoutingControlArn: "arn:r" }).resolves({ RoutingControlState: "On" });

    const { value } = await readStates(clients, endpoints, 0, ["arn:p", "arn:r"]);

    expect(value).toEqual(states);
    expect((await asked()).map(([region]) => region)).toEqual(["us-east-1", "us-east-1"]);
  });
});
