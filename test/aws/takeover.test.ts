import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";
import { putTakeover } from "../../functions/aws/takeover.ts";
import "aws-sdk-client-mock-vitest/extend";
import { expect, it } from "vitest";
import { createClients } from "../../functions/aws/calls/clients.ts";

const cloudWatch = mockClient(CloudWatchClient);

it("publishes the switch as one standard-resolution datapoint with one dimension, in the Region asked for", async () => {
  cloudWatch.on(PutMetricDataCommand).resolves({});

  await putTakeover(createClients(), "eu-central-1", "shop", 0);

  expect(cloudWatch).toHaveReceivedCommandWith(PutMetricDataCommand, {
    Namespace: "Lifeboat",
    MetricData: [
      { MetricName: "Takeover", Dimensions: [{ Name: "Application", Value: "shop" }], Value: 0, StorageResolution: 60 },
    ],
  });
  await putTakeover(createClients(), "eu-central-1", "shop", 0, true);
  expect(cloudWatch.commandCalls(PutMetricDataCommand)[1]!.args[0].input.MetricData).toEqual([
    { MetricName: "Takeover", Dimensions: [{ Name: "Application", Value: "shop" }], Value: 0, StorageResolution: 60 },
    { MetricName: "Looked", Dimensions: [{ Name: "Application", Value: "shop" }], Value: 1, StorageResolution: 60 },
  ]);
  expect(await cloudWatch.call(0).thisValue.config.region()).toBe("eu-central-1");
});
