import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { lookedMetric, takeoverMetric } from "../core/names.ts";
import type { Clients } from "./calls/clients.ts";
import { tryRight } from "./calls/try-right.ts";

/**
 * Publishes the takeover switch: 1 = traffic belongs to the recovery Region. Only this Region's data plane is needed;
 * the alarm reads the Maximum of a minute, so a repeated call changes nothing. `looked`: a look has judged, written and,
 * if due, started, which is what the heartbeat counts.
 */
export const putTakeover = async (
  clients: Clients,
  region: string,
  application: string,
  value: 0 | 1,
  looked = false,
): Promise<void> => {
  const Dimensions = [{ Name: takeoverMetric.dimension, Value: application }];
  await clients(CloudWatchClient, region).send(
    new PutMetricDataCommand({
      Namespace: takeoverMetric.namespace,
      MetricData: [
        { MetricName: takeoverMetric.name, Dimensions, Value: value, StorageResolution: 60 },
        ...(looked ? [{ MetricName: lookedMetric, Dimensions, Value: 1, StorageResolution: 60 }] : []),
      ],
    }),
  );
};

/** May the caller publish in the namespace of the switch? A datapoint of a metric of its own, which nothing looks at. */
export const tryPublish = (clients: Clients, region: string, application: string) =>
  tryRight("cloudwatch:PutMetricData", region, () =>
    clients(CloudWatchClient, region).send(
      new PutMetricDataCommand({
        Namespace: takeoverMetric.namespace,
        MetricData: [
          { MetricName: "Proof", Dimensions: [{ Name: takeoverMetric.dimension, Value: application }], Value: 1 },
        ],
      }),
    ),
  );
